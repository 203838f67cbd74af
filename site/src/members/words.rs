//! Words of members' pages: a table of their own, so that public pages do not
//! carry them.

crate::words::words! {
    // ---- on every page
    description: "For those who list, review and follow sessions.", "Dóibh siúd a liostaíonn, a léirmheasann agus a leanann seisiúin.";
    needs_script: "This page needs script, which your browser does not run here.",
        "Tá script de dhíth ar an leathanach seo, agus níl do bhrabhsálaí á rith anseo.";
    looking_you_up: "One moment …", "Nóiméad amháin …";
    sign_in_first: "This is for members: sign in, or make an account. It takes a minute.",
        "Do bhaill é seo: sínigh isteach, nó déan cuntas. Nóiméad a thógfaidh sé.";
    account_navigation: "Your account", "Do chuntas";
    nav_follows: "What you follow", "A leanann tú";
    nav_preferences: "You", "Tusa";
    sign_out: "Sign out", "Sínigh amach";

    // ---- trouble
    offline: "No connection. What you typed stays here; try again when you are back.",
        "Níl ceangal ann. Fanann a scríobh tú anseo; bain triail eile as nuair a bheidh tú ar ais.";
    signed_out: "You are signed out. Sign in again: what you typed stays here.",
        "Tá tú sínithe amach. Sínigh isteach arís: fanann a scríobh tú anseo.";
    not_in_order: "Something is not in order: see below what.", "Tá rud éigin as alt: féach thíos cad é.";
    try_again: "That does not work just now. Try again in a moment.",
        "Níl sé sin ag obair faoi láthair. Bain triail eile as i gceann nóiméid.";
    slow_down: "That was too often. Wait a moment, and try again.",
        "Bhí sé sin rómhinic. Fan nóiméad, agus bain triail eile as.";
    not_found: "It is not there any more.", "Níl sé ann níos mó.";
    not_signed_in: "Address, password or code is not right.", "Níl an seoladh, an focal faire nó an cód i gceart.";
    bad_code: "The code is not right, or it has expired.", "Níl an cód i gceart, nó tá sé as feidhm.";
    not_offered: "This is not offered here. Use your password.", "Níl sé seo ar fáil anseo. Úsáid d’fhocal faire.";
    sign_in_step: "Your account asks for one step more, which this site does not have.",
        "Iarrann do chuntas céim eile, nach bhfuil ag an suíomh seo.";
    unverified: "Confirm your address first, by the code that was mailed to you.",
        "Deimhnigh do sheoladh ar dtús, leis an gcód a cuireadh chugat.";
    switched_off: "This is switched off for now. Try again later.",
        "Tá sé seo múchta faoi láthair. Bain triail eile as níos déanaí.";

    // ---- what is wrong with a field, by the API's codes
    problem_missing: "This is needed.", "Tá sé seo de dhíth.";
    problem_too_long: "That is too long.", "Tá sé sin rófhada.";
    problem_too_many: "Those are too many.", "Tá an iomarca acu ann.";
    problem_out_of_range: "That is out of range.", "Tá sé sin lasmuigh den raon.";
    problem_time: "A time is needed, such as 21:30.", "Tá am de dhíth, mar shampla 21:30.";
    problem_date: "A date is needed.", "Tá dáta de dhíth.";
    problem_before_start: "That is before the first date.", "Tá sé sin roimh an gcéad dáta.";
    problem_link: "It must begin with https://", "Caithfidh sé tosú le https://";
    problem_country: "Two letters are needed, such as IE.", "Tá dhá litir de dhíth, mar shampla IE.";
    problem_future: "That is in the future.", "Tá sé sin sa todhchaí.";
    problem_long_ago: "That is too long ago.", "Tá sé sin rófhada ó shin.";
    problem_email: "That is no address for mail.", "Ní seoladh ríomhphoist é sin.";
    problem_password: "At least twelve characters.", "Dhá charachtar déag ar a laghad.";
    problem_position: "Two numbers are needed, such as 52.94, -9.29.", "Tá dhá uimhir de dhíth, mar shampla 52.94, -9.29.";
    problem_zone: "A time zone is needed, such as Europe/Dublin.", "Tá crios ama de dhíth, mar shampla Europe/Dublin.";

    // ---- signing in
    sign_in_title: "Sign in", "Sínigh isteach";
    sign_up_title: "Make an account", "Déan cuntas";
    confirm_title: "Confirm your address", "Deimhnigh do sheoladh";
    forgotten_title: "A new password", "Focal faire nua";
    by_code_title: "Sign in by a code", "Sínigh isteach le cód";
    email: "Address for mail", "Seoladh ríomhphoist";
    email_hint: "Nobody else sees it.", "Ní fheiceann aon duine eile é.";
    password: "Password", "Focal faire";
    new_password: "New password", "Focal faire nua";
    password_hint: "At least twelve characters. A few words together are good.",
        "Dhá charachtar déag ar a laghad. Is maith cúpla focal le chéile.";
    code: "Code", "Cód";
    code_hint: "Six digits, from the mail that is on its way to you.",
        "Sé dhigit, ón ríomhphost atá ar a bhealach chugat.";
    do_sign_in: "Sign in", "Sínigh isteach";
    do_sign_up: "Make the account", "Déan an cuntas";
    do_confirm: "Confirm", "Deimhnigh";
    send_code: "Mail me a code", "Seol cód chugam";
    do_reset: "Set the password", "Socraigh an focal faire";
    to_sign_in: "I have an account", "Tá cuntas agam";
    to_sign_up: "I have no account yet", "Níl cuntas agam fós";
    to_forgotten: "I forgot my password", "Rinne mé dearmad ar m’fhocal faire";
    to_by_code: "Sign in by a code instead", "Sínigh isteach le cód ina áit";
    resend: "Mail the code again", "Seol an cód arís";
    code_sent: "If the address is right, a code is on its way to it.",
        "Má tá an seoladh ceart, tá cód ar a bhealach chuige.";
    password_set: "The password is set. Sign in with it.", "Tá an focal faire socraithe. Sínigh isteach leis.";
    already_in: "You are signed in.", "Tá tú sínithe isteach.";

    // ---- what one has sent
    mine_title: "What you sent", "Ar sheol tú";
    add_one: "Add a session", "Cuir seisiún leis";
    mine_empty: "You have sent nothing yet.", "Níl aon rud seolta agat fós.";
    more: "More", "Tuilleadh";
    kind_session: "Session", "Seisiún";
    kind_review: "Review", "Léirmheas";
    kind_change: "Change of a session", "Athrú ar sheisiún";
    kind_withdrawal: "Taking something back", "Rud á tharraingt siar";
    kind_export: "Copy of your data", "Cóip de do shonraí";
    kind_erasure: "Erasure of your account", "Scriosadh do chuntais";
    kind_notice: "Notice", "Fógra";
    state_accepted: "Received, and being checked: this takes seconds.", "Faighte, agus á sheiceáil: tógann sé soicindí.";
    state_delayed: "Received. Something on our side is stuck; it is not lost.",
        "Faighte. Tá rud éigin sáinnithe ar ár dtaobh; níl sé caillte.";
    state_in_review: "A moderator looks at it: fourteen days at most.", "Tá modhnóir ag féachaint air: ceithre lá dhéag ar a mhéad.";
    state_published: "Published.", "Foilsithe.";
    state_rejected: "Not published.", "Gan foilsiú.";
    state_withdrawn: "Taken back.", "Tarraingthe siar.";
    state_done: "Done.", "Déanta.";
    state_upheld: "Decided: you were right, it went.", "Cinnte: bhí an ceart agat, tá sé imithe.";
    state_not_upheld: "Decided: it stays.", "Cinnte: fanann sé.";
    to_its_page: "To its page", "Go dtí a leathanach";
    by_program: "A program decided this. The mail about it says how to appeal.",
        "Ríomhchlár a chinn é seo. Deir an ríomhphost faoi conas achomharc a dhéanamh.";
    by_person: "A person decided this. The mail about it says how to appeal.",
        "Duine a chinn é seo. Deir an ríomhphost faoi conas achomharc a dhéanamh.";
    state_appealed: "Not published; somebody else will look at it.", "Gan foilsiú; féachfaidh duine eile air.";
    state_rejected_again: "Not published, and looked at again.", "Gan foilsiú, agus féachadh air arís.";
    appeal: "Ask for another look", "Iarr athbhreithniú";
    appeal_why: "What does the decision overlook?", "Cad nár cuireadh san áireamh?";
    appeal_send: "Ask for another look", "Iarr athbhreithniú";
    appeal_not: "Let it be", "Lig dó";
    take_back: "Take it back", "Tarraing siar é";
    take_back_really: "Yes, take it back", "Sea, tarraing siar é";
    keep_it: "No, leave it", "Ná tarraing, fág é";
    under_way: "Under way …", "Ar siúl …";
    take_back_sent: "It is being taken back …", "Tá sé á tharraingt siar …";

    // ---- a session to list or to change
    submit_title: "Add a session", "Cuir seisiún leis";
    submit_lead: "What, where and when. It takes two minutes; the rest can follow.",
        "Cad, cá háit agus cathain. Tógann sé dhá nóiméad; féadfaidh an chuid eile teacht ina dhiaidh.";
    edit_title: "Change a session", "Athraigh seisiún";
    edit_lead: "Put right what is wrong. If you neither host nor added it, a moderator looks first.",
        "Ceartaigh an rud atá mícheart. Mura tusa an t-óstach ná a chuir leis é, féachann modhnóir ar dtús.";
    edit_which: "Go to the page of the session first, and come here from there.",
        "Téigh go dtí leathanach an tseisiúin ar dtús, agus tar anseo as sin.";
    part_place: "What and where", "Cad agus cá háit";
    part_when: "When", "Cathain";
    part_who: "Who for", "Cé dó";
    part_photos: "Photos", "Grianghraif";
    part_more: "More, if you know it", "Tuilleadh, má tá sé ar eolas agat";
    title: "What it is called", "Cad a thugtar air";
    title_hint: "The name of the pub will do.", "Is leor ainm an tí tábhairne.";
    venue: "Pub or place", "Teach tábhairne nó áit";
    address: "Street", "Sráid";
    address_hint: "With the number, if it has one.", "Leis an uimhir, má tá ceann aige.";
    town: "Town or village", "Baile nó sráidbhaile";
    county: "County", "Contae";
    choose_county: "Choose a county", "Roghnaigh contae";
    elsewhere: "Outside Ireland", "Lasmuigh d’Éirinn";
    other_county: "State or region", "Stát nó réigiún";
    country: "Country", "Tír";
    country_hint: "Two letters, such as US.", "Dhá litir, mar shampla US.";
    zone: "Time zone", "Crios ama";
    zone_hint: "Such as America/New_York.", "Mar shampla America/New_York.";
    position: "Position", "Ionad";
    position_hint: "As maps give it: north, then east. West is minus.",
        "Mar a thugann léarscáileanna é: ó thuaidh, ansin soir. Is míneas é siar.";
    locate: "I am there: use my position", "Táim ann: úsáid m’ionad";
    locating: "Looking where you are …", "Ag féachaint cá bhfuil tú …";
    no_position: "Your position could not be found. Type it instead.",
        "Níorbh fhéidir d’ionad a aimsiú. Clóscríobh ina áit é.";
    nothing_nearby: "Nothing is listed within twenty kilometres of there.",
        "Níl aon rud liostaithe laistigh d’fhiche ciliméadar de sin.";
    away_from: "from", "ó";
    see_on_map: "See it on a map", "Féach ar léarscáil é";
    listed_already: "Is it one of these? They are listed already.",
        "An ceann díobh seo é? Tá siad liostaithe cheana.";
    change_that: "change that one", "athraigh an ceann sin";
    how_often: "How often", "Cé chomh minic";
    every_week: "Every week", "Gach seachtain";
    every_2_weeks: "Every second week", "Gach dara seachtain";
    every_3_weeks: "Every third week", "Gach tríú seachtain";
    every_4_weeks: "Every fourth week", "Gach ceathrú seachtain";
    monthly_1: "First of the month", "An chéad cheann den mhí";
    monthly_2: "Second of the month", "An dara ceann den mhí";
    monthly_3: "Third of the month", "An tríú ceann den mhí";
    monthly_4: "Fourth of the month", "An ceathrú ceann den mhí";
    monthly_last: "Last of the month", "An ceann deireanach den mhí";
    once: "Once only", "Uair amháin";
    only_once: "Once", "Uair amháin";
    as_it_was: "As it was", "Mar a bhí";
    weekday: "Day", "Lá";
    starts_at: "Starts at", "Tosaíonn ag";
    at: "at", "ag";
    length: "How long", "Cé chomh fada";
    hours_1: "1 hour", "1 uair";
    hours_1_half: "1½ hours", "1½ uair";
    hours_2: "2 hours", "2 uair";
    hours_2_half: "2½ hours", "2½ uair";
    hours_3: "3 hours", "3 uair";
    hours_3_half: "3½ hours", "3½ uair";
    hours_4: "4 hours", "4 uair";
    hours_5: "5 hours", "5 uair";
    from_date: "From", "Ó";
    from_hint: "Its date, or one from which on it is on.", "A dháta, nó dáta óna mbíonn sé ar siúl.";
    until_date: "Until, if it ends", "Go dtí, má chríochnaíonn sé";
    until_hint: "Leave it empty for one that goes on.", "Fág folamh é má leanann sé ar aghaidh.";
    next_dates: "Next:", "Na chéad dátaí eile:";
    no_date_to_come: "No date is to come.", "Níl dáta ar bith le teacht.";
    another_time: "It is on at another time, too", "Bíonn sé ar siúl am eile freisin";
    one_time_less: "Leave the last time out", "Fág an t-am deireanach ar lár";
    format: "Kind of session", "Cineál seisiúin";
    level: "How well one should play", "Cé chomh maith ba chóir seinm";
    about_it: "About it", "Faoi";
    about_it_hint: "What a stranger should know.", "An rud ba chóir do strainséir a bheith ar eolas aige.";
    step_free: "Can one get in without a step?", "An féidir dul isteach gan chéim?";
    toilet: "Is there an accessible toilet?", "An bhfuil leithreas inrochtana ann?";
    not_known: "I do not know", "Níl a fhios agam";
    yes: "Yes", "Tá";
    no: "No", "Níl";
    instruments: "Instruments", "Uirlisí";
    instruments_hint: "With commas between them.", "Le camóga eatarthu.";
    tunes: "Tunes often played", "Poirt a sheinntear go minic";
    one_a_line: "One a line.", "Ceann ar gach líne.";
    links: "Links", "Naisc";
    links_hint: "One a line, each beginning with https://", "Ceann ar gach líne, gach ceann ag tosú le https://";
    status: "Where it stands", "Conas atá sé";
    status_as_is: "As it is", "Mar atá";
    status_live: "It is on", "Tá sé ar siúl";
    status_paused: "It is not on for now", "Níl sé ar siúl faoi láthair";
    status_ended: "It has ended", "Tá deireadh leis";
    do_submit: "Send it", "Seol é";
    do_edit: "Send the changes", "Seol na hathruithe";
    draft_kept: "What you type is kept in this browser until it is sent.",
        "Coinnítear a gclóscríobhann tú sa bhrabhsálaí seo go dtí go seoltar é.";
    draft_restored: "Here is what you had begun.", "Seo a raibh tosaithe agat.";
    nothing_changed: "You have changed nothing.", "Níor athraigh tú aon rud.";
    sends_when_back: "No connection. It is sent when you are back; leave this page open.",
        "Níl ceangal ann. Seolfar é nuair a bheidh tú ar ais; fág an leathanach seo oscailte.";

    // ---- photos
    choose_photos: "Add photos", "Cuir grianghraif leis";
    photos_hint: "JPEG or PNG, ten at most, fifteen megabytes each. What the camera wrote into them is taken out.",
        "JPEG nó PNG, deich gcinn ar a mhéad, cúig mheigibheart déag an ceann. Baintear amach ar scríobh an ceamara iontu.";
    photos_chosen: "Chosen photos", "Grianghraif a roghnaíodh";
    remove_photo: "Remove", "Bain";
    upload_of: "Upload of", "Uaslódáil";
    photo_waiting: "Waits for its turn.", "Ag fanacht lena sheal.";
    photo_uploading: "On its way …", "Ar an mbealach …";
    photo_done: "Uploaded.", "Uaslódáilte.";
    photo_lost: "No connection. It goes on when you are back.", "Níl ceangal ann. Leanfaidh sé nuair a bheidh tú ar ais.";
    photo_signed_out: "It is uploaded once you are signed in.", "Uaslódálfar é a luaithe a bheidh tú sínithe isteach.";
    photo_too_large: "More than fifteen megabytes. Remove it.", "Breis is cúig mheigibheart déag. Bain é.";
    photo_not_one: "Neither JPEG nor PNG. Remove it.", "Ní JPEG ná PNG é. Bain é.";
    photo_refused: "It was not taken. Remove it, and add it again.", "Níor glacadh leis. Bain é, agus cuir leis arís é.";
    photos_in_the_way: "A photo could not be uploaded: see what it says beside it.",
        "Níorbh fhéidir grianghraf a uaslódáil: féach cad a deir sé taobh leis.";

    // ---- a review
    review_title: "Review a session", "Déan léirmheas ar sheisiún";
    review_replaces: "You have reviewed it before. This takes the place of that.",
        "Rinne tú léirmheas air cheana. Tógann sé seo áit an chinn sin.";
    review_anonymous: "A review shows what was found, not who wrote it.",
        "Taispeánann léirmheas cad a fuarthas, ní cé a scríobh.";
    rating: "All in all", "Tríd is tríd";
    choose: "Choose", "Roghnaigh";
    rating_5: "5: go there", "5: téigh ann";
    rating_4: "4: good", "4: go maith";
    rating_3: "3: all right", "3: ceart go leor";
    rating_2: "2: not for me", "2: ní domsa é";
    rating_1: "1: stay away", "1: fan amach uaidh";
    not_said: "I leave that out", "Fágaim é sin ar lár";
    welcome: "How welcome you were", "An fháilte a fuair tú";
    welcome_1: "1: not at all", "1: ní bhfuair ar chor ar bith";
    welcome_5: "5: as among friends", "5: mar a bheinn i measc cairde";
    how_well: "How well they play", "Cé chomh maith a sheinneann siad";
    level_1: "1: first tunes", "1: na chéad phoirt";
    level_5: "5: very well", "5: an-mhaith";
    noise: "How loud the room is", "Cé chomh glórach atá an seomra";
    noise_1: "1: one hears a whistle", "1: cloistear feadóg";
    noise_5: "5: one hears nothing", "5: ní chloistear rud ar bith";
    visited_on: "The evening it is about", "An tráthnóna atá i gceist";
    review_text: "What you found", "Cad a fuair tú";
    review_text_hint: "What would help whoever goes there next.", "An rud a chabhródh leis an té a rachaidh ann ina dhiaidh.";
    do_review: "Send the review", "Seol an léirmheas";

    // ---- what one follows
    follows_title: "What you follow", "A leanann tú";
    follows_lead: "When something new is listed there, or a date is called off, a mail tells you.",
        "Nuair a liostaítear rud nua ann, nó nuair a chuirtear dáta ar ceal, insíonn ríomhphost duit.";
    follow_county: "Follow a county", "Lean contae";
    follow: "Follow", "Lean";
    follow_this: "Follow this session", "Lean an seisiún seo";
    followed: "Followed", "Á leanúint";
    follows_empty: "You follow nothing yet.", "Níl aon rud á leanúint agat fós.";
    once_a_week: "once a week", "uair sa tseachtain";
    weekly_instead: "Weekly instead", "Gach seachtain ina ionad sin";
    instant_instead: "At once instead", "Láithreach ina ionad sin";
    unfollow: "No longer follow", "Ná lean níos mó";
    now_followed: "Followed from now on.", "Á leanúint as seo amach.";
    a_session: "A session", "Seisiún";
    a_member: "A member’s sessions", "Seisiúin baill";
    around: "Around", "Timpeall";

    // ---- oneself
    preferences_title: "You", "Tusa";
    profile: "Profile and mails", "Próifíl agus ríomhphoist";
    signed_in_as: "Signed in as", "Sínithe isteach mar";
    display_name: "Name that others see", "Ainm a fheiceann daoine eile";
    display_name_hint: "It stands beside nothing unless you say so.", "Ní sheasann sé in aice le haon rud mura ndeir tú é.";
    mail_language: "Language of mails", "Teanga na ríomhphost";
    news: "News of what you follow", "Nuacht faoina leanann tú";
    news_hint: "What becomes of what you sent, you are told in any case.",
        "Insítear duit i gcónaí cad a tharlaíonn dá seolann tú.";
    news_at_once: "As it comes", "De réir mar a thagann";
    news_off: "None for now", "Ceann ar bith faoi láthair";
    own_page: "Your page", "Do leathanach";
    own_page_hint: "With the name above and the sessions that you listed or host. It comes with the next of them, or within a day; it goes at once, and your name leaves their pages within a day.",
        "Leis an ainm thuas agus na seisiúin a liostaigh tú nó a bhfuil tú i do óstach orthu. Tagann sé leis an gcéad cheann eile, nó laistigh de lá; imíonn sé láithreach, agus fágann d’ainm a leathanaigh siúd laistigh de lá.";
    own_page_none: "None: nobody sees me", "Gan leathanach: ní fheiceann duine ar bith mé";
    own_page_public: "Anybody may see it", "Tá cead ag cách é a fheiceáil";
    to_own_page: "To your page", "Chuig do leathanach";
    save: "Save", "Sábháil";
    saved: "Saved.", "Sábháilte.";
    change_password: "Password", "Focal faire";
    change_password_hint: "A new password signs you out everywhere.", "Síníonn focal faire nua amach i ngach áit thú.";
    current_password: "Password until now", "Focal faire go dtí seo";
    data: "Your data", "Do shonraí";
    export_text: "All that we hold on you, as an archive. A mail tells you when it is ready; it is kept for seven days.",
        "Gach a bhfuil againn fút, mar chartlann. Insíonn ríomhphost duit nuair atá sé réidh; coinnítear ar feadh seacht lá é.";
    do_export: "Make a copy", "Déan cóip";
    export_asked: "It is being made …", "Tá sé á dhéanamh …";
    export_ready: "Ready: the links are good for five minutes.", "Réidh: tá na naisc bailí ar feadh cúig nóiméad.";
    archive: "Archive", "Cartlann";
    erasure: "Leaving", "Imeacht";
    erase_text: "Your account, profile, follows, reviews, photos and what you sent are erased, at once and for good. The sessions that you listed stay, without you.",
        "Scriostar do chuntas, do phróifíl, a leanann tú, do léirmheasanna, do ghrianghraif agus ar sheol tú, láithreach agus go deo. Fanann na seisiúin a liostaigh tú, gan tusa.";
    do_erase: "Erase me", "Scrios mé";
    erase_really: "Yes, erase all of it", "Sea, scrios gach rud";
    keep_account: "No, keep my account", "Ná scrios, coinnigh mo chuntas";
    erased: "It is being erased. Farewell, and thank you for the music.",
        "Tá sé á scriosadh. Slán, agus go raibh maith agat as an gceol.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_there_in_each_language() {
        crate::words::check(TABLE);
    }
}
