//! Words that no program needs: of documents that are complete as they are, and
//! of what stands in a document's head.

crate::words::words! {
    home_title: "Irish traditional music sessions near you", "Seisiúin cheoil thraidisiúnta in aice leat";
    home_description: "Where Irish traditional music is played tonight and this week, listed and kept right by the people who play it.",
        "Cá bhfuil ceol traidisiúnta na hÉireann á sheinm anocht agus an tseachtain seo, liostaithe agus coinnithe ceart ag lucht a sheinnte.";
    find_description: "Search sessions of Irish traditional music by county, day and name.",
        "Cuardaigh seisiúin cheoil thraidisiúnta de réir contae, lae agus ainm.";
    county_description: "Where and when Irish traditional music is played, with the next dates.",
        "Cá háit agus cathain a sheinntear ceol traidisiúnta, leis na chéad dátaí eile.";
    town_empty: "No session is listed in this town any more.",
        "Níl seisiún ar bith liostaithe sa bhaile seo a thuilleadh.";
    town_county: "All of the county", "An contae ar fad";
    session_description: "Irish traditional music session", "Seisiún ceoil thraidisiúnta";
    member_description: "The Irish traditional music sessions that they listed or host.",
        "Na seisiúin cheoil thraidisiúnta a liostaigh siad nó a bhfuil siad ina n-óstaigh orthu.";
    member_hosts: "Hosts", "Ina óstach ar";
    member_listed: "Listed", "Liostaithe";
    member_none: "Nothing is listed by them now.", "Níl aon rud liostaithe acu anois.";
    about_title: "About Seisiún", "Faoi Seisiún";
    about_description: "What Seisiún is, who it is for, and where what it says comes from.",
        "Cad é Seisiún, cé dó é, agus cad as a dtagann a ndeir sé.";
    about_what: "What this is", "Cad é seo";
    about_what_text: "A session is a gathering that comes round again, mostly in a pub, where Irish traditional music is played. You look for one near you tonight. Somebody local adds it, others review it, and whoever follows a place hears of new ones.",
        "Is éard is seisiún ann teacht le chéile a tharlaíonn arís is arís eile, i dteach tábhairne de ghnáth, áit a seinntear ceol traidisiúnta. Cuardaíonn tusa ceann in aice leat anocht. Cuireann duine áitiúil leis an liosta é, scríobhann daoine eile léirmheas air, agus cloiseann lucht leanta áite faoi cheann nua.";
    about_fresh: "Whether it is true", "An bhfuil sé fíor";
    about_fresh_text: "Sessions move, pause and end. Each page says when somebody last confirmed that it was on. After ninety days that counts as ageing, after a hundred and eighty as stale: the page then says so and it comes last in searches.",
        "Bogann seisiúin, glacann siad sos agus críochnaíonn siad. Deir gach leathanach cathain a dheimhnigh duine go deireanach go raibh sé ar siúl. Tar éis nócha lá tá sé ag dul in aois, tar éis céad ochtó lá tá sé as dáta: deir an leathanach é sin ansin agus tagann sé go deireanach sa chuardach.";
    about_open: "For other programs", "Do ríomhchláir eile";
    about_open_text: "Every session has a calendar file, every county a calendar and a feed. The API is open, and described where this site says “For programs”.",
        "Tá comhad féilire ag gach seisiún, féilire agus fotha ag gach contae. Tá an API oscailte, agus cur síos air san áit a ndeir an suíomh seo “Do ríomhchláir”.";
    privacy_title: "Privacy", "Príobháideachas";
    privacy_description: "What Seisiún keeps of you, for how long, and how to get it or have it erased.",
        "Cad a choinníonn Seisiún fút, cá fhad, agus conas é a fháil nó a scriosadh.";
    privacy_visit: "If you only look", "Mura ndéanann tú ach féachaint";
    privacy_visit_text: "Nothing about you is stored. There is no advertising, no counting of visitors by others, and no cookie unless you sign in. Your position is asked for only when you press “Near me”, and serves that one search. Your browser keeps the pages that you looked at last on your own device, for when there is no signal; nobody else sees them.",
        "Ní stóráiltear aon rud fút. Níl fógraíocht ann, ní dhéanann aon dream eile cuairteoirí a chomhaireamh, agus níl fianán ann mura síníonn tú isteach. Ní iarrtar d’ionad ach nuair a bhrúnn tú “In aice liom”, agus don chuardach sin amháin é. Coinníonn do bhrabhsálaí na leathanaigh dheireanacha ar bhreathnaigh tú orthu ar do ghléas féin, don uair nach mbíonn comhartha ann; ní fheiceann aon duine eile iad.";
    privacy_member: "If you have an account", "Má tá cuntas agat";
    privacy_member_text: "We keep your address, what you say in your profile, what you follow, and what you sent us. Nobody else sees your address. You have a page that others see, with your name and the sessions that you listed or host, only if you switch it on. Photos lose everything that the camera wrote into them, the place above all, before anybody sees them. A review shows what was found, not who wrote it.",
        "Coinnímid do sheoladh, a ndeir tú i do phróifíl, a leanann tú, agus ar sheol tú chugainn. Ní fheiceann aon duine eile do sheoladh. Níl leathanach agat a fheiceann daoine eile, le d’ainm agus na seisiúin a liostaigh tú nó a bhfuil tú i d’óstach orthu, ach má chuireann tú ar siúl é. Baintear as grianghraif gach ar scríobh an ceamara iontu, an áit ach go háirithe, sula bhfeiceann aon duine iad. Taispeánann léirmheas cad a fuarthas, ní cé a scríobh.";
    privacy_mail: "Mail", "Ríomhphost";
    privacy_mail_text: "Mail about what you follow goes out only after you have confirmed the address. Each has a link that ends it, at once and without signing in. For the weekly mail we also keep the time zone that your browser is in.",
        "Ní théann ríomhphost faoina leanann tú amach ach tar éis duit an seoladh a dheimhniú. Tá nasc i ngach ceann a chuireann deireadh leis, láithreach agus gan síniú isteach. Don ríomhphost seachtainiúil, coinnímid an crios ama ina bhfuil do bhrabhsálaí freisin.";
    privacy_rights: "Taking it with you, and leaving", "É a thabhairt leat, agus imeacht";
    privacy_rights_text: "You can have all that we hold on you as an archive, which can be fetched for a week. You can have yourself erased: account, profile, follows, reviews, photos and what you sent. The sessions that you listed stay, without you. What remains: that a member of a random number asked to be erased; for a day, that they were erased; for four hundred days, which mails that number was sent; the decisions of moderators, naming nobody but the moderator's own number; and, as a hash, an address that must not be mailed. Backups hold older states until they expire.",
        "Féadfaidh tú gach a bhfuil againn fút a fháil i gcartlann, is féidir a thógáil ar feadh seachtaine. Féadfaidh tú tú féin a scriosadh: cuntas, próifíl, leanúint, léirmheasanna, grianghraif agus ar sheol tú. Fanann na seisiúin a liostaigh tú, gan tusa. An méid a fhanann: gur iarr ball le huimhir randamach go scriosfaí é; ar feadh lae, gur scriosadh é; ar feadh ceithre chéad lá, na ríomhphoist a cuireadh chuig an uimhir sin; cinntí na modhnóirí, gan aon duine a lua ach uimhir an mhodhnóra féin; agus, mar haiseáil, seoladh nach ceadmhach scríobh chuige. Bíonn seanleaganacha i gcúltacaí go dtí go dtéann siad in éag.";
    moderation_title: "What we publish, and who decides", "Cad a fhoilsímid, agus cé a chinneann";
    moderation_description: "How sessions, reviews and photos are looked at before they are public, and what you can do about a decision.",
        "Conas a fhéachtar ar sheisiúin, léirmheasanna agus grianghraif sula mbíonn siad poiblí, agus cad is féidir leat a dhéanamh faoi chinneadh.";
    moderation_before: "Before anything is public", "Sula mbíonn aon rud poiblí";
    moderation_before_text: "Every upload is scanned for malware. Every photo is looked at by a program that names what may be in it: nudity, violence, drugs, rude gestures, symbols of hate, and what disturbs. What it is unsure of, a person looks at, and one clean photo in a hundred, too, to see what it misses. Alcohol is no reason: sessions are played in pubs. A photo that could not be looked at is not published unseen.",
        "Déantar gach uaslódáil a scanadh le haghaidh bogearraí mailíseacha. Féachann ríomhchlár ar gach grianghraf agus ainmníonn sé cad a d’fhéadfadh a bheith ann: nochtacht, foréigean, drugaí, geáitsí gránna, siombailí fuatha, agus a bhfuil suaiteach. An rud nach bhfuil sé cinnte faoi, féachann duine air, agus ar cheann glan as gach céad freisin, le fáil amach cad a théann amú air. Ní cúis é alcól: i dtithe tábhairne a sheinntear seisiúin. Ní fhoilsítear grianghraf gan féachaint air.";
    moderation_text: "Words", "Focail";
    moderation_text_text: "Links, addresses and telephone numbers in a text, markup, shouting and endless letters bring it before a person. None of them is refused for that alone.",
        "Má tá naisc, seoltaí nó uimhreacha teileafóin i dtéacs, marcáil, scread nó litreacha gan deireadh, cuirtear os comhair duine é. Ní dhiúltaítear d’aon cheann acu ar an ábhar sin amháin.";
    moderation_person: "Who decides", "Cé a chinneann";
    moderation_person_text: "A moderator, within fourteen days, and never on what is their own. Only two things are refused without a person: malware, and an image that is explicit almost beyond doubt. You are told what was decided, on what ground, and whether a program decided.",
        "Modhnóir, laistigh de cheithre lá dhéag, agus ní choíche faoina chuid féin. Níl ach dhá rud a dhiúltaítear gan duine: bogearraí mailíseacha, agus íomhá atá follasach beagnach gan amhras. Insítear duit cad a cinneadh, ar cén fáth, agus cé acu ríomhchlár a chinn é.";
    moderation_redress: "If you think it is wrong", "Má cheapann tú go bhfuil sé mícheart";
    moderation_redress_text: "The mail that told you has a link to appeal by: another moderator looks again. Anybody, with an account or without, can send a notice about something here that they hold to be unlawful or untrue; it is acknowledged, decided by a person, and answered with reasons.",
        "Tá nasc achomhairc sa ríomhphost a d’inis duit: féachann modhnóir eile air arís. Féadann duine ar bith, bíodh cuntas aige nó ná bíodh, fógra a chur faoi rud anseo a mheasann sé a bheith neamhdhleathach nó bréagach; admhaítear é, cinneann duine, agus freagraítear le cúiseanna.";
    offline_title: "No connection", "Gan nasc";
    offline_description: "What can be read here while there is no connection to Seisiún.",
        "Cad is féidir a léamh anseo fad is nach bhfuil nasc le Seisiún ann.";
    offline_text: "This page was not looked at on this device before, so it is not stored here. These were, and can be read:",
        "Níor breathnaíodh ar an leathanach seo ar an ngléas seo roimhe, mar sin níl sé stóráilte anseo. Breathnaíodh orthu seo, agus is féidir iad a léamh:";
    offline_search: "“Tonight” and the search answer for the counties that you asked about before.",
        "Freagraíonn “Anocht” agus an cuardach do na contaetha ar fhiafraigh tú fúthu roimhe.";
    gone_title: "This session is no longer listed", "Níl an seisiún seo ar an liosta a thuilleadh";
    gone_text: "It was taken down by the people who listed it, or by a moderator.",
        "Bhain na daoine a chuir ar an liosta é anuas é, nó modhnóir.";
    gone_into: "It is listed here now", "Tá sé ar an liosta anseo anois";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_there_in_each_language() {
        assert!(TABLE.len() > 40);
        for (name, english, irish) in TABLE {
            assert!(!english.trim().is_empty() && !irish.trim().is_empty(), "{name} is empty");
            assert_ne!(english, irish, "{name} is not translated");
            for text in [english, irish] {
                assert!(!text.contains(['<', '>', '\n']), "{name} has markup: {text}");
                assert!(!text.contains("  "), "{name} has a double space: {text}");
            }
        }
    }
}
