# What every letter says, in Irish; en.ftl says what is what.
#
# Titles stand in inverted commas wherever a preposition or a verb comes before
# them, so that none of them is lenited or eclipsed; for the same reason the site's
# name follows "an suíomh", or a preposition that changes nothing.

## Around every letter

why = Cén fáth a bhfaigheann tú an ríomhphost seo:
stop = Cuir stop le ríomhphoist den chineál seo
choose = Roghnaigh cad a gheobhaidh tú
sent-by-you = Sheol tú chuig { $site } é
reference = Má scríobhann tú chugainn faoi, luaigh { $reference }, le do thoil.

## What somebody sent, by $what

yours = { $what ->
   *[session] do sheisiún
    [review] do léirmheas ar
    [photos] do ghrianghraif de
    [change] d’athrú ar
    [notice] d’fhógra faoi
}
named = { $what ->
   *[session] { $title }
    [review] { yours } “{ $title }”
    [photos] { yours } “{ $title }”
    [change] { yours } “{ $title }”
    [notice] { yours } “{ $title }”
}
it = { $what ->
   *[other] é
    [photos] iad
}
photos = { $photos ->
    [one] grianghraf amháin
    [two] dhá ghrianghraf
    [few] { $photos } ghrianghraf
    [many] { $photos } ngrianghraf
   *[other] { $photos } grianghraf
}

## Of sessions, to followers

next-dates = Na chéad dátaí eile
see-session = Féach ar an seisiún

new-session-subject = Seisiún nua: { $title }, { $near }
new-session-preheader = { $when }: { $place }.
new-session-lead = Seo seisiún nua ar féidir leat freastal air:
new-session-told = { $name } a d’inis dúinn faoi.
new-session-go = Má théann tú ann, inis dúinn ar a leathanach go raibh sé ar siúl. Sin é is mó a bheidh an chéad duine eile ag iarraidh a fháil amach.

news-preheader = Cá háit: { $place }.

digest-title = Seisiúin na seachtaine seo
digest-span = { $from } – { $until }
digest-preheader = A bhfuil ar siúl: { $from } – { $until }.
digest-subject = { $count ->
    [1] Seisiúin na seachtaine seo: { $first }
    [2] Seisiúin na seachtaine seo: { $first } agus { $second }
   *[other] Seisiúin na seachtaine seo: { $first }, { $second } agus { digest-others }
}
digest-others = { $more ->
    [one] ceann amháin eile
    [two] dhá cheann eile
    [few] { $more } cinn eile
    [many] { $more } gcinn eile
   *[other] { $more } ceann eile
}
digest-more = Taispeáin { digest-others }

## Of an account

export-subject = Tá a bhfuil ag { $site } fút réidh
export-preheader = Sínigh isteach lena fháil.
export-why = D’iarr tú ar an suíomh { $site } é
export-title = A bhfuil againn fút
export-text = D’iarr tú gach a bhfuil againn fút. Tá sé réidh: comhad amháin ina bhfuil gach a bhfuil i scríbhinn, agus do ghrianghraif in éineacht leis.
export-fetch = { $days ->
    [one] Sínigh isteach lena fháil laistigh de lá amháin; bainimid é ina dhiaidh sin.
    [two] Sínigh isteach lena fháil laistigh de dhá lá; bainimid é ina dhiaidh sin.
   *[other] Sínigh isteach lena fháil laistigh de { $days } lá; bainimid é ina dhiaidh sin.
}
export-account = Do chuntas
export-warning = Murar tusa a d’iarr é, athraigh d’fhocal faire: tá duine eile sínithe isteach i d’ainm.

erased-subject = Tá do chuntas le { $site } scriosta
erased-preheader = Seo an ríomhphost deireanach uainn.
erased-why = D’iarr tú ar an suíomh { $site } é a scriosadh
erased-title = Níl tú anseo a thuilleadh
erased-text = Tá do chuntas scriosta, mar a d’iarr tú: do phróifíl, a raibh á leanúint agat, do léirmheasanna agus do ghrianghraif. Fanann na seisiúin a liostaigh tú, gan d’ainm, dóibh siúd a théann chucu.
erased-last = Seo an ríomhphost deireanach uainn. Má { $link }fhilleann tú{ $end } choíche, tosóidh tú as an nua

## Of what somebody sent

getting-on = Conas atá ag éirí leis

received-subject = Fuaireamar { yours } “{ $title }”
received-preheader = Go raibh maith agat. Níl aon rud eile le déanamh agat.
received-title = Go raibh maith agat
received-text = { $what ->
   *[other] Tá { yours } “{ $title }” againn, agus táimid ag féachaint air. Tógann sé sin cúpla nóiméad de ghnáth. Más gá do dhuine againn féachaint air ar dtús, inseoimid duit.
    [photos] Tá { yours } “{ $title }” againn, agus táimid ag féachaint orthu. Tógann sé sin cúpla nóiméad de ghnáth. Más gá do dhuine againn féachaint orthu ar dtús, inseoimid duit.
}
received-look = { $what ->
   *[other] Níl aon rud eile le déanamh agat. Féadfaidh tú féachaint conas atá ag éirí leis uair ar bith is mian leat:
    [photos] Níl aon rud eile le déanamh agat. Féadfaidh tú féachaint conas atá ag éirí leo uair ar bith is mian leat:
}

published-subject = Foilsithe: { named }
published-preheader = { $photos ->
    [0] Tá sé ann le haimsiú ag cách.
   *[other] D’fhágamar { photos } ar lár; seo an fáth.
}
published-text = { $what ->
   *[other] Tá { yours } “{ $title }” foilsithe, le haimsiú ag cách. Go raibh maith agat as.
    [photos] Tá { yours } “{ $title }” foilsithe, le haimsiú ag cách. Go raibh maith agat astu.
}
published-put-right = Sular foilsíodh é, cheartaigh duine againn rud éigin: { $put-right }. Mura bhfuil sé sin mar ba chóir, is féidir leat é a athrú ar a leathanach.
published-see = Féach ar an leathanach
published-left-out = D’fhágamar { photos } ar lár

waiting-subject = Féachfaidh duine againn ar { yours } “{ $title }”
waiting-preheader = Tógann sé sin { $takes } de ghnáth.
waiting-title = Féachfaidh duine againn air
waiting-text = Sular féidir { yours } “{ $title }” a fhoilsiú, ní mór do mhodhnóir { it } a fheiceáil.
waiting-looked-at = Cad air a bhféachfar
waiting-takes = Tógann sé sin { $takes } de ghnáth. Níl aon rud le déanamh agat: scríobhfaimid chugat a luaithe a bheidh cinneadh déanta.

failed-subject = Sáinnithe ar ár dtaobh: { named }
failed-preheader = Tá sé slán againn, agus táimid ag fiosrú an scéil.
failed-title = Tá sé slán againn
failed-text = { $what ->
   *[other] Chuaigh rud éigin amú ar ár dtaobh le { yours } “{ $title }”. Níl aon rud caillte: tá sé slán againn, agus táimid ag fiosrú an scéil.
    [photos] Chuaigh rud éigin amú ar ár dtaobh le { yours } “{ $title }”. Níl aon rud caillte: tá siad slán againn, agus táimid ag fiosrú an scéil.
}
failed-again = { $what ->
   *[other] Ná seol arís é, le do thoil. Scríobhfaimid chugat nuair a bheidh sé tríd.
    [photos] Ná seol arís iad, le do thoil. Scríobhfaimid chugat nuair a bheidh siad tríd.
}

## A decision against something, and why

why-and-what = Seo an fáth, agus cad is féidir leat a dhéanamh faoi.

rejected-subject = { $outcome ->
   *[not-published] Gan foilsiú: { named }
    [taken-down] Bainte anuas: { named }
    [photo-taken-down] Grianghraf bainte anuas: { named }
    [upheld] Féachadh air arís: { named }
}
rejected-text = { $outcome ->
   *[not-published] Níor fhoilsíomar { yours } “{ $title }”.
    [taken-down] Bhaineamar anuas { yours } “{ $title }”.
    [photo-taken-down] Bhaineamar anuas grianghraf a bhí in éineacht le { yours } “{ $title }”.
    [upheld] D’fhéach duine eile ar { yours } “{ $title }”, agus níor fhoilsíomar fós { it }.
}
rejected-sorry = Is oth linn é sin a scríobh chuig duine a chuir dua air féin, agus mar sin seo duit na cúiseanna go hiomlán.
rejected-reasons = Na cúiseanna

statement-measure = Cad a rinneamar
statement-facts = Cad air a bhfuil sé bunaithe
statement-rule = Cén riail
statement-ours = Ár rialacha féin: { $rule }
statement-law = An dlí: { $provision }
statement-how = Conas a fuarthas é agus conas a cinneadh é
statement-found = { $by ->
   *[automated-check] Seiceáil uathoibríoch a tharraing aird air.
    [moderator] Modhnóir a tháinig air; níor úsáideadh aon seiceáil uathoibríoch lena aimsiú.
    [notice] Duine éigin a sheol fógra chugainn faoi; níor úsáideadh aon seiceáil uathoibríoch lena aimsiú.
}
statement-decided = { $by ->
   *[automated-check] Ríomhchlár a rinne an cinneadh, gan duine.
    [moderator] Modhnóir, duine, a rinne an cinneadh.
}

redress = Cad is féidir leat a dhéanamh
redress-appeal = Má cheapann tú go bhfuil sé mícheart, { $link }iarr athbhreithniú{ $end } tráth nach déanaí ná an { $until }
redress-answer = Má cheapann tú go bhfuil sé mícheart, freagair an ríomhphost seo tráth nach déanaí ná an { $until }.
redress-free = Níl costas ar bith air, agus féachfaidh duine nach raibh baint aige leis an gcinneadh air. Féadfaidh tú dul chuig comhlacht deimhnithe um réiteach díospóidí lasmuigh den chúirt, nó chun na cúirte, freisin.
redress-kept = Fanann { $link }a ndearnadh faoi{ $end } le léamh
redress-looked = D’fhéach duine nach raibh baint aige leis an gcéad chinneadh air, agus mar sin ní fhéachaimid arís.
redress-all = Fanann { $link }gach rud{ $end } le léamh
redress-elsewhere = Féadfaidh tú dul chuig comhlacht deimhnithe um réiteach díospóidí lasmuigh den chúirt, nó chun na cúirte.

## To moderators

reminder-waiting = { $days ->
    [0] ó inniu
    [one] le lá amháin
    [two] le dhá lá
   *[other] le { $days } lá
}
reminder-subject = Ag fanacht { reminder-waiting }: { $title }
reminder-preheader = Tá cinneadh de dhíth: { $case }.
reminder-why = Is modhnóir ar an suíomh { $site } thú
reminder-text = { $case }: tá cinneadh ó dhuine againn de dhíth { reminder-waiting }. Tá an té a sheol é ag fanacht freisin.
reminder-open = Oscail an cás

## Of a notice

notice-why = Sheol tú fógra chuig { $site }

notice-subject = Fuaireamar d’fhógra: { $about }
notice-preheader = Féachfaidh duine againn air, agus déanfar cinneadh.
notice-title = Tá d’fhógra againn
notice-text = D’inis tú dúinn faoi seo: { $link }{ $about }{ $end }. An chúis: { $reason }.
notice-next = Cad a tharlaíonn anois
notice-next-text = Féachann modhnóir, duine, air agus cinneann. Ní chinneann aon ríomhchlár ar fhógra. Tógann sé sin { $takes } de ghnáth. Scríobhfaimid chugat faoinar cinneadh agus cén fáth, agus faoi cad is féidir leat a dhéanamh má cheapann tú go bhfuil sé mícheart.

resolved-gone-subject = Bainte anuas: { $about }
resolved-stays-subject = Níor baineadh anuas: { $about }
resolved-gone = D’inis tú dúinn faoi seo: { $link }{ $about }{ $end }. Bhí an ceart agat insint dúinn, agus táimid á bhaint anuas.
resolved-stays = D’inis tú dúinn faoi seo: { $link }{ $about }{ $end }. D’fhéachamar air go cúramach, agus táimid á fhágáil mar atá: ní bhfuaireamar aon rud ann a sháraíonn ár rialacha ná, chomh fada agus is eol dúinn, an dlí.
resolved-note = Cad a scríobh an modhnóir
resolved-how = Conas a cinneadh é
resolved-by = Modhnóir, duine, a rinne an cinneadh; ní raibh baint ag aon ríomhchlár leis.

## To an address without an account

follow-subject = Deimhnigh, le do thoil: { $followed }
follow-preheader = Murar tusa a d’iarr é, níl aon rud le déanamh agat.
follow-why = Chuir duine éigin an seoladh seo isteach ar an suíomh { $site }
follow-title = An bhfuil na ríomhphoist seo uait?
follow-text = D’iarr duine éigin, tusa b’fhéidir, orainn scríobh chuig an seoladh seo faoi seo: { $followed }.
follow-until = Más tusa a d’iarr é, abair é tráth nach déanaí ná an { $until }, le do thoil:
follow-yes = Sea, scríobh chugam
follow-no = Murar tusa, níl aon rud le déanamh agat. Níor stórálamar aon rud, agus ní chloisfidh tú a thuilleadh faoi.

## To who should know

still-on-subject = An bhfuil sé ar siúl fós? { $title }
still-on-preheader = Is leor tapáil amháin.
still-on-title = An bhfuil “{ $title }” ar siúl fós?
still-on-text = Níor dúirt aon duine ón { $since } go bhfuil. Taistealaíonn ceoltóirí chuig seisiún: coinníonn focal uaitse an liosta cruinn, nó sábhálann sé an turas orthu.
still-on-say = Abair an bhfuil sé ar siúl
still-on-link = Ní gá duit síniú isteach. Is leatsa amháin an nasc, agus tá sé bailí go dtí an { $until }. { $link }Féach cad atá liostaithe{ $end }
