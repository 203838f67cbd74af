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

#[allow(unused_imports, reason = "public pages have the one table")]
pub(crate) use words;

/// Holds that each word of a table of members' pages is there in each language, and is
/// plain text.
#[cfg(test)]
pub(crate) fn check(table: &[(&str, &str, &str)]) {
    for (name, english, irish) in table {
        assert!(!english.trim().is_empty() && !irish.trim().is_empty(), "{name} is empty");
        assert_ne!(english, irish, "{name} is not translated");
        for text in [english, irish] {
            assert!(!text.contains(['<', '>', '\n']), "{name} has markup: {text}");
            assert!(!text.contains("  "), "{name} has a double space: {text}");
        }
    }
}

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
    county_towns: "By town", "De réir baile";
    county_empty: "No session is listed in this county yet.",
        "Níl seisiún ar bith liostaithe sa chontae seo fós.";
    county_calendar: "All its dates for your calendar (.ics)", "A dhátaí go léir do d’fhéilire (.ics)";
    county_feed: "New sessions (Atom)", "Seisiúin nua (Atom)";
    all_counties: "All counties", "Gach contae";

    // ---- a session
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
    review_one: "review", "léirmheas";
    review_many: "reviews", "léirmheas";
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

    // ---- following without an account
    follow_session: "Follow this session", "Lean an seisiún seo";
    follow_county: "Hear of new sessions in the county", "Cloisfidh tú faoi sheisiúin nua sa chontae";
    follow_lead: "By mail when it is called off, moved or changed. No account is needed.",
        "Le ríomhphost nuair a chuirtear ar ceal, a bhogtar nó a athraítear é. Níl cuntas de dhíth.";
    follow_lead_new: "By mail when one is listed. No account is needed.",
        "Le ríomhphost nuair a liostaítear ceann. Níl cuntas de dhíth.";
    follow_email: "Your e-mail address", "Do sheoladh ríomhphoist";
    follow_cadence: "When to hear of it", "Cathain a chloisfidh tú";
    follow_instant: "As it happens", "De réir mar a tharlaíonn";
    follow_weekly: "Once a week", "Uair sa tseachtain";
    follow_weekly_hint: "The weekly mail comes on Monday at seven, with what is on in the coming week.",
        "Tagann an ríomhphost seachtainiúil ar a seacht maidin Luain, lena mbeidh ar siúl an tseachtain sin.";
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

    // ---- a map
    show_map: "Show the map", "Taispeáin an léarscáil";

    // ---- not found, and other trouble
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
