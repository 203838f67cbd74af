//! Every word that the site says by itself, in every language: a table, so that
//! the compiler refuses a word that lacks one.

/// Makes a table: a name, the English and the Irish.
macro_rules! words {
    ($($name:ident: $english:literal, $irish:literal;)*) => {
        /// The words of this table in one language.
        #[derive(Debug)]
        #[allow(missing_docs, reason = "a word's meaning is the word")]
        #[allow(unreachable_pub, reason = "the first table is public, those of members' pages not")]
        #[allow(dead_code, reason = "some the browser's side alone says, some documents' heads")]
        pub struct Words {
            $(pub $name: &'static str,)*
        }

        pub(crate) static ENGLISH: Words = Words { $($name: $english,)* };
        pub(crate) static IRISH: Words = Words { $($name: $irish,)* };

        /// Each word's name, English and Irish, for those who check them.
        #[allow(dead_code, reason = "of the tables of members' pages, tests alone read it")]
        #[allow(unreachable_pub, reason = "as above")]
        pub static TABLE: &[(&str, &str, &str)] =
            &[$((stringify!($name), $english, $irish),)*];
    };
}

#[cfg(any(engine, feature = "members"))]
pub(crate) use words;

words! {
    // ---- on every page
    site_name: "Seisiún", "Seisiún";
    skip: "Skip to the content", "Léim chuig an ábhar";
    navigation: "Main", "Príomhroghchlár";
    footer_navigation: "About the site", "Faoin suíomh";
    nav_find: "Find a session", "Aimsigh seisiún";
    nav_add: "Add a session", "Cuir seisiún leis";
    nav_mine: "Your own", "Do chuid féin";
    nav_about: "About", "Fúinn";
    nav_privacy: "Privacy", "Príobháideachas";
    nav_moderation: "What we publish", "Cad a fhoilsímid";
    nav_api: "For programs", "Do ríomhchláir";
    footer_text: "Listed by the people who play.", "Liostaithe ag lucht an cheoil.";

    // ---- home
    home_title: "Irish traditional music sessions near you", "Seisiúin cheoil thraidisiúnta in aice leat";
    home_description: "Where Irish traditional music is played tonight and this week, listed and kept right by the people who play it.",
        "Cá bhfuil ceol traidisiúnta na hÉireann á sheinm anocht agus an tseachtain seo, liostaithe agus coinnithe ceart ag lucht a sheinnte.";
    home_heading: "Who is playing tonight?", "Cé atá ag seinm anocht?";
    home_lead: "Sessions of Irish traditional music, in pubs and kitchens, listed by the people who play in them.",
        "Seisiúin cheoil thraidisiúnta, i dtithe tábhairne agus i gcistineacha, liostaithe ag an dream a sheinneann iontu.";
    tonight: "Tonight near you", "Anocht in aice leat";
    this_week: "This week", "An tseachtain seo";
    by_county: "By county", "De réir contae";
    near_me: "Near me", "In aice liom";
    near_me_hint: "Your position is used for this search alone and is not kept.",
        "Úsáidtear d’ionad don chuardach seo amháin agus ní choinnítear é.";
    no_position: "Your position could not be found. Choose a county instead.",
        "Níorbh fhéidir d’ionad a aimsiú. Roghnaigh contae ina áit.";
    choose_first: "Choose a county, or let us look near you.",
        "Roghnaigh contae, nó lig dúinn féachaint in aice leat.";
    without_script: "Without script, choose your county below: its page has its sessions.",
        "Gan script, roghnaigh do chontae thíos: tá a sheisiúin ar a leathanach.";

    // ---- search
    find_title: "Find a session", "Aimsigh seisiún";
    find_description: "Search sessions of Irish traditional music by county, day and name.",
        "Cuardaigh seisiúin cheoil thraidisiúnta de réir contae, lae agus ainm.";
    search_label: "Search", "Cuardaigh";
    county_label: "County", "Contae";
    any_county: "Choose a county", "Roghnaigh contae";
    when_label: "When", "Cathain";
    any_day: "Any day", "Lá ar bith";
    when_tonight: "Tonight", "Anocht";
    words_label: "Name or town", "Ainm nó baile";
    looking: "Looking …", "Ag cuardach …";
    none_found: "Nothing is listed there. Do you know of one? Tell us.",
        "Níl aon cheann liostaithe ansin. An bhfuil ceann ar eolas agat? Inis dúinn.";
    search_failed: "The search cannot be reached just now. Try again in a moment.",
        "Ní féidir an cuardach a bhaint amach faoi láthair. Bain triail eile as i gceann nóiméid.";
    results: "Sessions", "Seisiúin";

    // ---- county
    county_heading: "Sessions in", "Seisiúin:";
    county_description: "Where and when Irish traditional music is played, with the next dates.",
        "Cá háit agus cathain a sheinntear ceol traidisiúnta, leis na chéad dátaí eile.";
    county_towns: "By town", "De réir baile";
    town_empty: "No session is listed in this town any more.",
        "Níl seisiún ar bith liostaithe sa bhaile seo a thuilleadh.";
    town_county: "All of the county", "An contae ar fad";
    county_empty: "No session is listed in this county yet.",
        "Níl seisiún ar bith liostaithe sa chontae seo fós.";
    county_calendar: "All its dates for your calendar (.ics)", "A dhátaí go léir do d’fhéilire (.ics)";
    county_feed: "New sessions (Atom)", "Seisiúin nua (Atom)";
    all_counties: "All counties", "Gach contae";

    // ---- a session
    session_description: "Irish traditional music session", "Seisiún ceoil thraidisiúnta";
    next_dates: "Next dates", "Na chéad dátaí eile";
    no_dates: "No date is planned.", "Níl dáta ar bith beartaithe.";
    cancelled: "Called off", "Ar ceal";
    moved: "Moved", "Bogtha";
    retimed: "Another time", "Am eile";
    extra: "Extra", "Breise";
    usually: "usually", "de ghnáth";
    paused: "Not on for now.", "Níl sé ar siúl faoi láthair.";
    ended: "This session has ended.", "Tá deireadh leis an seisiún seo.";
    stale: "Nobody has told us for half a year that it is still on. Ask before you travel.",
        "Níor dúirt aon duine linn le leathbhliain go bhfuil sé ar siúl fós. Fiafraigh sula dtaistealaíonn tú.";
    verified: "Somebody last confirmed it on", "Dheimhnigh duine é go deireanach ar an";
    verified_fresh: "That is less than ninety days ago.", "Tá sin níos lú ná nócha lá ó shin.";
    verified_ageing: "That is some months ago: ask before you travel far.",
        "Tá sin roinnt míonna ó shin: fiafraigh sula dtaistealaíonn tú i bhfad.";
    gone: "This session is no longer listed.", "Níl an seisiún seo liostaithe a thuilleadh.";
    where_heading: "Where", "Cá háit";
    open_map: "Open in a map", "Oscail ar léarscáil";
    step_free: "Step-free entrance", "Bealach isteach gan chéimeanna";
    no_step_free: "There is a step at the entrance", "Tá céim ag an mbealach isteach";
    toilet: "Accessible toilet", "Leithreas inrochtana";
    no_toilet: "No accessible toilet", "Gan leithreas inrochtana";
    who_heading: "Who can join", "Cé a fhéadann páirt a ghlacadh";
    format_open: "Open: anybody may play", "Oscailte: féadann duine ar bith seinm";
    format_by_invitation: "By invitation: ask the hosts first", "Le cuireadh: cuir ceist ar na hóstaigh ar dtús";
    format_slow: "Slow: tunes at an easy pace", "Mall: poirt ar luas réidh";
    format_singing: "Singing: songs before tunes", "Amhránaíocht: amhráin roimh phoirt";
    format_beginners: "For beginners", "Do thosaitheoirí";
    format_listening: "To listen to", "Le héisteacht leis";
    level_beginner: "First tunes are enough", "Is leor na chéad phoirt";
    level_intermediate: "Some repertoire", "Roinnt port ar eolas";
    level_advanced: "At session pace", "Ar luas seisiúin";
    level_any: "All levels", "Gach leibhéal";
    hosts: "Hosts", "Óstaigh";
    instruments: "Instruments", "Uirlisí";
    tunes: "Tunes often played", "Poirt a sheinntear go minic";
    links: "Links", "Naisc";
    photos: "Photos", "Grianghraif";
    photo_of: "Photo", "Grianghraf";
    reviews: "Reviews", "Léirmheasanna";
    no_reviews: "Nobody has reviewed it yet.", "Níl léirmheas ar bith air fós.";
    out_of_five: "out of 5", "as 5";
    visited: "Visited", "Cuairt";
    calendar: "Add to your calendar (.ics)", "Cuir i d’fhéilire (.ics)";
    county_sessions: "More sessions in the county", "Tuilleadh seisiún sa chontae";
    review_it: "Review it", "Déan léirmheas air";
    edit_it: "Change what it says", "Athraigh a ndeir sé";
    follow_it: "Follow it with your account", "Lean é le do chuntas";
    report: "Something wrong here? Tell us", "Rud éigin cearr anseo? Inis dúinn";
    report_review: "Report this review", "Tuairiscigh an léirmheas seo";
    subscribe: "Subscribe: your calendar stays up to date", "Liostáil: fanann d’fhéilire cothrom le dáta";
    added_by: "Added by", "Curtha leis ag";

    // ---- a member
    member_description: "The Irish traditional music sessions that they listed or host.",
        "Na seisiúin cheoil thraidisiúnta a liostaigh siad nó a bhfuil siad ina n-óstaigh orthu.";
    member_hosts: "Hosts", "Ina óstach ar";
    member_listed: "Listed", "Liostaithe";
    member_none: "Nothing is listed by them now.", "Níl aon rud liostaithe acu anois.";

    // ---- following without an account
    follow_session: "Follow this session", "Lean an seisiún seo";
    follow_county: "Hear of new sessions in the county", "Cloisfidh tú faoi sheisiúin nua sa chontae";
    follow_member: "Hear of new sessions that they list", "Cloisfidh tú faoi sheisiúin nua a liostaíonn siad";
    follow_lead: "By mail when it is called off, moved or changed. No account is needed.",
        "Le ríomhphost nuair a chuirtear ar ceal, a bhogtar nó a athraítear é. Níl cuntas de dhíth.";
    follow_lead_new: "By mail when one is listed. No account is needed.",
        "Le ríomhphost nuair a liostaítear ceann. Níl cuntas de dhíth.";
    follow_email: "Your e-mail address", "Do sheoladh ríomhphoist";
    follow_button: "Follow", "Lean";
    follow_hint: "You get one mail with a link. Nothing begins, and your address is not kept, until you open the link and say yes.",
        "Faigheann tú ríomhphost amháin le nasc ann. Ní thosaíonn aon rud, agus ní choinnítear do sheoladh, go dtí go n-osclaíonn tú an nasc agus go ndeir tú gur maith leat.";
    follow_no_script: "Following by mail needs script in your browser; the calendar above does not.",
        "Teastaíonn script sa bhrabhsálaí le leanúint le ríomhphost; ní theastaíonn don fhéilire thuas.";
    follow_sending: "Sending …", "Á sheoladh …";
    follow_sent: "Look into your mailbox: if mail may go to that address, a link to confirm is on its way. It is good for seven days.",
        "Féach i do bhosca poist: más ceadmhach scríobh chuig an seoladh sin, tá nasc le deimhniú ar a bhealach. Tá sé bailí ar feadh seacht lá.";
    follow_bad_address: "That does not look like an e-mail address.", "Ní cosúil gur seoladh ríomhphoist é sin.";
    follow_slow_down: "That was asked for several times already. Try again tomorrow.",
        "Iarradh é sin roinnt uaireanta cheana. Bain triail eile as amárach.";
    follow_failed: "It could not be sent just now. Nothing was stored; try again in a moment.",
        "Níorbh fhéidir é a sheoladh faoi láthair. Níor stóráladh aon rud; bain triail eile as i gceann nóiméid.";
    kilometres: "km", "km";

    // ---- about
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

    // ---- privacy
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
    privacy_mail_text: "Mail about what you follow goes out only after you have confirmed the address. Each has a link that ends it, at once and without signing in.",
        "Ní théann ríomhphost faoina leanann tú amach ach tar éis duit an seoladh a dheimhniú. Tá nasc i ngach ceann a chuireann deireadh leis, láithreach agus gan síniú isteach.";
    privacy_rights: "Taking it with you, and leaving", "É a thabhairt leat, agus imeacht";
    privacy_rights_text: "You can have all that we hold on you as an archive, which can be fetched for a week. You can have yourself erased: account, profile, follows, reviews, photos and what you sent. The sessions that you listed stay, without you. What remains: that a member of a random number asked to be erased; for a day, that they were erased; for four hundred days, which mails that number was sent; the decisions of moderators, naming nobody but the moderator's own number; and, as a hash, an address that must not be mailed. Backups hold older states until they expire.",
        "Féadfaidh tú gach a bhfuil againn fút a fháil i gcartlann, is féidir a thógáil ar feadh seachtaine. Féadfaidh tú tú féin a scriosadh: cuntas, próifíl, leanúint, léirmheasanna, grianghraif agus ar sheol tú. Fanann na seisiúin a liostaigh tú, gan tusa. An méid a fhanann: gur iarr ball le huimhir randamach go scriosfaí é; ar feadh lae, gur scriosadh é; ar feadh ceithre chéad lá, na ríomhphoist a cuireadh chuig an uimhir sin; cinntí na modhnóirí, gan aon duine a lua ach uimhir an mhodhnóra féin; agus, mar haiseáil, seoladh nach ceadmhach scríobh chuige. Bíonn seanleaganacha i gcúltacaí go dtí go dtéann siad in éag.";

    // ---- moderation
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

    // ---- a map
    show_map: "Show the map", "Taispeáin an léarscáil";

    // ---- without a signal
    offline_title: "No connection", "Gan nasc";
    offline_description: "What can be read here while there is no connection to Seisiún.",
        "Cad is féidir a léamh anseo fad is nach bhfuil nasc le Seisiún ann.";
    offline_text: "This page was not looked at on this device before, so it is not stored here. These were, and can be read:",
        "Níor breathnaíodh ar an leathanach seo ar an ngléas seo roimhe, mar sin níl sé stóráilte anseo. Breathnaíodh orthu seo, agus is féidir iad a léamh:";
    offline_search: "“Tonight” and the search answer for the counties that you asked about before.",
        "Freagraíonn “Anocht” agus an cuardach do na contaetha ar fhiafraigh tú fúthu roimhe.";

    // ---- not found, and other trouble
    gone_title: "This session is no longer listed", "Níl an seisiún seo ar an liosta a thuilleadh";
    gone_text: "It was taken down by the people who listed it, or by a moderator.",
        "Bhain na daoine a chuir ar an liosta é anuas é, nó modhnóir.";
    gone_into: "It is listed here now", "Tá sé ar an liosta anseo anois";
    not_found_title: "There is no such page", "Níl an leathanach sin ann";
    not_found_text: "The session may have ended or moved, or the address was mistyped.",
        "B’fhéidir gur chríochnaigh an seisiún nó gur bogadh é, nó gur scríobhadh an seoladh mícheart.";
    not_found_home: "To the first page", "Go dtí an chéad leathanach";
    trouble: "This part of the page does not answer. Load it again.",
        "Níl an chuid seo den leathanach ag freagairt. Lódáil arís é.";

    // ---- days
    monday: "Monday", "Dé Luain";
    tuesday: "Tuesday", "Dé Máirt";
    wednesday: "Wednesday", "Dé Céadaoin";
    thursday: "Thursday", "Déardaoin";
    friday: "Friday", "Dé hAoine";
    saturday: "Saturday", "Dé Sathairn";
    sunday: "Sunday", "Dé Domhnaigh";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words that are the same in both languages.
    const SAME: [&str; 2] = ["site_name", "kilometres"];

    #[test]
    fn each_word_is_there_in_each_language() {
        assert!(TABLE.len() > 80);
        for (name, english, irish) in TABLE {
            assert!(!english.trim().is_empty() && !irish.trim().is_empty(), "{name} is empty");
            assert_eq!(english == irish, SAME.contains(name), "{name}: translated, or not?");
            for text in [english, irish] {
                assert!(!text.contains(['<', '>', '\n']), "{name} has markup: {text}");
                assert!(!text.contains("  "), "{name} has a double space: {text}");
            }
        }
    }
}
