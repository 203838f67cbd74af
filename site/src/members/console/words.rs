//! Words of the moderators' console.

crate::words::words! {
    title: "What waits for a decision", "A bhfuil ag fanacht le cinneadh";
    refused: "This page is for moderators. Your account is not one of theirs.",
        "Do mhodhnóirí an leathanach seo. Ní ceann dá gcuid do chuntas.";
    looking: "Looking what waits …", "Ag féachaint cad atá ag fanacht …";
    nothing: "Nothing waits. Thank you.", "Níl aon rud ag fanacht. Go raibh maith agat.";
    nothing_here: "Nothing of this kind waits.", "Níl aon rud den chineál seo ag fanacht.";
    waiting_one: "case waits", "chás ag fanacht";
    waiting_many: "cases wait", "cás ag fanacht";
    oldest: "the oldest for", "an ceann is sine le";
    more_than: "or more", "nó níos mó";
    queue: "The queue", "An scuaine";
    again: "Look again", "Féach arís";

    // ---- filters
    filter_kind: "Kind", "Cineál";
    filter_ground: "Why it waits", "An fáth a bhfuil sé ag fanacht";
    all_kinds: "All kinds", "Gach cineál";
    all_grounds: "Any reason", "Fáth ar bith";
    submissions: "Things sent in", "Nithe a seoladh isteach";
    notices: "Notices", "Fógraí";
    appeals: "Appeals", "Achomhairc";
    more: "List more", "Liostaigh tuilleadh";

    // ---- ages
    moments: "moments", "cúpla nóiméad";
    minutes: "min", "nóim";
    hours: "h", "uair";
    days: "d", "lá";
    waits_for: "Waits for", "Ag fanacht le";

    // ---- a case
    case: "The case", "An cás";
    no_case: "Choose a case.", "Roghnaigh cás.";
    case_loading: "Fetching what was sent …", "Ag fáil an ruda a seoladh …";
    grounds: "Why it waits", "An fáth a bhfuil sé ag fanacht";
    sent_session: "A new session", "Seisiún nua";
    sent_review: "A review", "Léirmheas";
    sent_change: "A change", "Athrú";
    sent_notice: "A notice", "Fógra";
    about_session: "About", "Faoi";
    on_its_page: "what it complains of", "an rud a bhfuil gearán faoi";
    by_member: "Sent by a member", "Seolta ag ball";
    by_trusted: "Sent by a trusted member", "Seolta ag ball iontaofa";
    by_submitter: "Sent by who listed it", "Seolta ag an té a liostaigh é";
    by_host: "Sent by one of its hosts", "Seolta ag duine dá óstaigh";
    fact: "Fact", "Fíric";
    before: "Before", "Roimhe";
    after: "After", "Ina dhiaidh";
    empty: "(nothing)", "(faic)";
    yes: "yes", "tá";
    no: "no", "níl";

    // ---- facts
    fact_title: "Name", "Ainm";
    fact_venue: "Venue", "Ionad";
    fact_address: "Address", "Seoladh";
    fact_region: "Town, county, country", "Baile, contae, tír";
    fact_position: "Position", "Suíomh";
    fact_step_free: "Step-free", "Gan chéimeanna";
    fact_toilet: "Accessible toilet", "Leithreas inrochtana";
    fact_format: "Kind of session", "Cineál seisiúin";
    fact_level: "Level", "Leibhéal";
    fact_schedule: "When", "Cathain";
    fact_description: "Description", "Cur síos";
    fact_instruments: "Instruments", "Uirlisí";
    fact_tunes: "Tunes", "Poirt";
    fact_links: "Links", "Naisc";
    fact_status: "Standing", "Stádas";
    fact_rating: "Rating", "Rátáil";
    fact_welcome: "Welcome", "Fáilte";
    fact_noise: "Noise", "Torann";
    fact_visited: "Visited on", "Cuairt ar";
    fact_text: "Text", "Téacs";
    fact_date: "Date", "Dáta";
    fact_change: "What is different", "Cad atá difriúil";
    fact_reason: "Why", "Cén fáth";
    fact_finding: "What was found", "An rud a fuarthas";
    fact_evidence: "How one can tell that they host it", "Conas is léir gur óstach iad";
    fact_shown_as: "To be named as", "Le hainmniú mar";
    fact_explanation: "In their words", "Ina bhfocail féin";
    status_live: "on", "ar siúl";
    status_paused: "paused", "ar sos";
    status_ended: "ended", "críochnaithe";
    status_withdrawn: "withdrawn", "tarraingthe siar";
    finding_on: "it was on", "bhí sé ar siúl";
    finding_not_on: "it was not on", "ní raibh sé ar siúl";
    finding_gone: "it is gone", "tá sé imithe";
    change_cancelled: "called off", "curtha ar ceal";
    change_moved: "moved to", "bogtha go dtí";
    change_retimed: "begins at", "tosaíonn ag";
    change_extra: "extra, at", "breise, ag";
    change_undone: "as its schedule has it", "mar atá sa sceideal";

    // ---- photos
    photos: "Photos", "Grianghraif";
    photo_show: "Show the photo", "Taispeáin an grianghraf";
    photo_hide: "Blur it again", "Doiléirigh arís é";
    photo_blurred: "A photo, blurred", "Grianghraf, doiléirithe";
    photo_shown: "The photo as it would be published", "An grianghraf mar a d’fhoilseofaí é";
    photo_unseen: "Nobody can see this one, and it is not published.",
        "Ní féidir le haon duine an ceann seo a fheiceáil, agus ní fhoilsítear é.";
    photo_failed: "The photo cannot be fetched. It may have been decided on meanwhile.",
        "Ní féidir an grianghraf a fháil. B’fhéidir gur cinneadh air idir an dá linn.";
    photo_found: "Found in it:", "Aimsithe ann:";

    // ---- what has happened to it
    appealed: "Its sender asks for another look", "Iarrann an seoltóir athbhreithniú";
    decided_first: "Rejected at first:", "Diúltaithe ar dtús:";
    history: "What has happened to it", "Cad a tharla dó";
    was_opened: "it came", "tháinig sé";
    was_claimed: "somebody looked at it", "d’fhéach duine air";
    was_released: "they gave it up", "d’éirigh siad as";
    was_escalated: "they left it to another", "d’fhág siad ag duine eile é";
    was_decided: "it was decided", "cinneadh air";
    was_edited: "its words were put right", "ceartaíodh na focail";
    was_appealed: "another look was asked for", "iarradh athbhreithniú";

    // ---- deciding
    decide: "Your decision", "Do chinneadh";
    approve: "Approve", "Ceadaigh";
    reject: "Reject …", "Diúltaigh …";
    edit: "Put it right first …", "Ceartaigh ar dtús é …";
    edit_hint: "It is published so once you approve it, and its sender is told. Where and when it is stays as it was sent.",
        "Foilseofar mar sin é nuair a cheadóidh tú é, agus inseofar don seoltóir. Fanann an áit agus an t-am mar a seoladh iad.";
    keep_edits: "Keep it so", "Coinnigh mar sin é";
    put_right: "To be published as", "Le foilsiú mar";
    merge: "It is the listed one", "Is é an ceann liostaithe é";
    uphold: "Take it down …", "Bain anuas é …";
    dismiss: "Leave it", "Fág é";
    rule: "Which rule", "Cén riail";
    choose_rule: "Choose a rule", "Roghnaigh riail";
    rule_needed: "Choose the rule that it breaks.", "Roghnaigh an riail atá á briseadh.";
    note: "Words to who sent it", "Focail chuig an té a sheol é";
    note_hint: "They read them as you write them, beside the rule. May stay empty.",
        "Léann siad iad mar a scríobhann tú iad, taobh leis an riail. Féadann sé fanacht folamh.";
    also: "Also what else the same member sent and is listed:",
        "Chomh maith leis sin, a bhfuil liostaithe ón mball céanna:";
    do_reject: "Reject it", "Diúltaigh dó";
    do_uphold: "Take it down", "Bain anuas é";
    cancel: "Not yet", "Ní fós";
    pass_on: "Leave it to another", "Fág ag duine eile é";
    passed_on: "Somebody else decides it.", "Cinnfidh duine eile é.";
    claimed: "Somebody else looks at this one. It is free again ten minutes after they last did.",
        "Tá duine eile ag féachaint air seo. Beidh sé saor arís deich nóiméad tar éis dóibh féachaint air.";
    moved: "Something has happened to it since you read it: read it again.",
        "Tharla rud éigin dó ó léigh tú é: léigh arís é.";
    own_decision: "You decided this at first: somebody else decides on the appeal.",
        "Tusa a chinn é seo ar dtús: cinneann duine eile ar an achomharc.";
    only_decide: "It was passed on before: decide it.", "Tugadh ar aghaidh é cheana: cinn é.";
    own_item: "You sent this yourself: somebody else decides.", "Tusa a sheol é seo: cinneann duine eile.";

    // ---- after deciding
    lately: "Decided here", "Cinnte anseo";
    hold: "A decision is sent after eight seconds; until then you can undo it. If you close this page before, nothing is decided and the case stays in the queue.",
        "Seoltar cinneadh tar éis ocht soicind; go dtí sin féadfaidh tú é a chealú. Má dhúnann tú an leathanach seo roimhe sin, ní chinntear aon rud agus fanann an cás sa scuaine.";
    holding: "Goes out in a moment:", "Amach i gceann nóiméid:";
    undo: "Undo", "Cealaigh";
    send_now: "Send it now", "Seol anois é";
    sending: "Sending:", "Á sheoladh:";
    approved: "Approved:", "Ceadaithe:";
    rejected: "Rejected:", "Diúltaithe:";
    upheld: "Taken down:", "Bainte anuas:";
    dismissed: "Left as it is:", "Fágtha mar atá:";
    decided_before: "Somebody else decided first:", "Chinn duine eile ar dtús:";
    take_down: "Take down after all …", "Bain anuas tar éis an tsaoil …";
    do_take_down: "Take it down", "Bain anuas é";
    took_down: "Asked to be taken down:", "Iarrtha go mbainfí anuas:";

    // ---- keys
    keys: "Keys", "Eochracha";
    keys_on: "Single keys act", "Gníomhaíonn eochracha aonair";
    key_next: "next case", "an chéad chás eile";
    key_previous: "case before", "an cás roimhe";
    key_approve: "approve; of a notice: take down", "ceadaigh; i gcás fógra: bain anuas";
    key_reject: "reject; of a notice: leave it", "diúltaigh; i gcás fógra: fág é";
    key_undo: "undo the last decision", "cealaigh an cinneadh deireanach";
    key_show: "show or blur the photos", "taispeáin nó doiléirigh na grianghraif";
    key_help: "these keys", "na heochracha seo";

    // ---- rules, by their reason
    reason_explicit: "Sexual or explicit", "Gnéasach nó follasach";
    reason_malware: "A harmful file", "Comhad díobhálach";
    reason_abusive: "Violence, harassment or hatred", "Foréigean, ciapadh nó fuath";
    reason_spam: "Advertising", "Fógraíocht";
    reason_privacy: "People who did not agree", "Daoine nár thoiligh";
    reason_off_topic: "Not about a session", "Ní faoi sheisiún é";
    reason_inaccurate: "Facts that are wrong", "Fíricí atá mícheart";
    reason_duplicate: "Listed already", "Liostaithe cheana";
    reason_no_such_session: "Its session is not listed", "Níl an seisiún liostaithe";
    reason_already_reviewed: "Reviewed before", "Léirmheas déanta cheana";
    reason_outdated: "Changed by others meanwhile", "Athraithe ag daoine eile idir an dá linn";
    reason_illegal: "Against the law", "In aghaidh an dlí";
    reason_intellectual_property: "Somebody else’s work", "Saothar duine eile";

    // ---- grounds, by their code
    ground_link: "a link in the text", "nasc sa téacs";
    ground_email: "an address for mail in the text", "seoladh ríomhphoist sa téacs";
    ground_phone: "a telephone number in the text", "uimhir theileafóin sa téacs";
    ground_markup: "markup in the text", "marcáil sa téacs";
    ground_shouting: "shouting", "screadach";
    ground_repeated: "endless letters", "litreacha gan deireadh";
    ground_sampled: "one of the clean photos that a person looks at, too", "ceann de na grianghraif ghlana a bhféachann duine orthu freisin";
    ground_not_classified: "a photo that the program could not look at", "grianghraf nárbh fhéidir leis an ríomhchlár féachaint air";
    ground_unscanned: "a photo that could not be scanned for malware", "grianghraf nárbh fhéidir a scanadh le haghaidh bogearraí mailíseacha";
    ground_edit: "facts changed by a member", "fíricí athraithe ag ball";
    ground_date: "a date changed by a member", "dáta athraithe ag ball";
    ground_abuse: "a word that may insult", "focal a d’fhéadfadh a bheith maslach";
    ground_listed: "a link beside the text", "nasc in aice an téacs";
    ground_many: "many in a short time", "go leor i mbeagán ama";
    ground_text_again: "a text that they sent before", "téacs a sheol siad cheana";
    ground_gone: "another member has found it gone; approving this ends the listing", "tá sé imithe dar le ball eile; cuireann faomhadh deireadh leis an liosta";
    ground_duplicate: "it may be the one that it names, which is listed", "b’fhéidir gurb é an ceann a luaitear, atá liostaithe cheana";
    ground_resembles: "a photo that looks like one that was rejected", "grianghraf atá cosúil le ceann a diúltaíodh";
    ground_refused: "much like what was rejected before", "cosúil le rud a diúltaíodh cheana";
    ground_host: "somebody says that they host it", "deir duine gur óstach é";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_there_in_each_language() {
        crate::words::check(TABLE);
    }
}
