//! Words of the page on which anybody tells us of what is wrong.

crate::words::words! {
    title: "Tell us what is wrong", "Inis dúinn cad atá cearr";
    description: "Send a notice about a session, a review or a photo that should not be here.",
        "Seol fógra faoi sheisiún, léirmheas nó grianghraf nár cheart a bheith anseo.";
    lead: "Anybody may send this, with an account or without. A person reads it, decides, and writes to you what was decided and why.",
        "Féadann duine ar bith é seo a sheoladh, bíodh cuntas aige nó ná bíodh. Léann duine é, cinneann, agus scríobhann chugat cad a cinneadh agus cén fáth.";
    url: "Its address on this site", "A sheoladh ar an suíomh seo";
    url_hint: "The page of a session, or the address of a photo.", "Leathanach seisiúin, nó seoladh grianghraif.";
    reason: "Why it should not be here", "Cén fáth nár cheart dó a bheith anseo";
    choose_reason: "Choose a reason", "Roghnaigh cúis";
    explanation: "Why you think so", "Cén fáth a gceapann tú é";
    explanation_hint: "In your own words, as exactly as you can.", "I d’fhocail féin, chomh beacht agus is féidir leat.";
    name: "Your name", "D’ainm";
    email: "Your address for mail", "Do sheoladh ríomhphoist";
    email_hint: "For our answer. Who made what you complain of does not learn who you are.",
        "Dár bhfreagra. Ní fhaigheann an té a rinne an rud a bhfuil tú ag gearán faoi amach cé thú.";
    anonymous_hint: "For this reason you may leave your name and address out. Then nobody can answer you.",
        "Ar an gcúis seo féadfaidh tú d’ainm agus do sheoladh a fhágáil ar lár. Ní féidir le haon duine freagra a thabhairt ort ansin.";
    good_faith: "I believe in good faith that what I say here is right and complete.",
        "Creidim de mheon macánta go bhfuil a ndeirim anseo ceart agus iomlán.";
    good_faith_needed: "This has to be ticked.", "Caithfear tic a chur leis seo.";
    bad_email: "That is no address for mail.", "Ní seoladh ríomhphoist é sin.";
    not_ours: "That is no address of a session or photo on this site.", "Ní seoladh seisiúin ná grianghraif ar an suíomh seo é sin.";
    send: "Send", "Seol";
    sending: "Sending …", "Á sheoladh …";
    sent: "Thank you. We have it, and a mail that says so is on its way if you gave an address.",
        "Go raibh maith agat. Tá sé againn, agus tá ríomhphost á rá sin ar a bhealach má thug tú seoladh.";
    sent_number: "Its number:", "A uimhir:";
    law: "This is a notice as Article 16 of the Digital Services Act has it.",
        "Is fógra é seo de réir Airteagal 16 den Acht um Sheirbhísí Digiteacha.";

    reason_illegal_content: "It is against the law", "Tá sé in aghaidh an dlí";
    reason_child_sexual_abuse: "Sexual abuse of children", "Mí-úsáid ghnéasach leanaí";
    reason_privacy: "It shows or names people who did not agree", "Taispeánann nó ainmníonn sé daoine nár thoiligh";
    reason_intellectual_property: "It is somebody else’s work", "Is saothar duine eile é";
    reason_abuse_or_hatred: "Abuse or hatred", "Drochíde nó fuath";
    reason_spam: "It is advertising", "Fógraíocht atá ann";
    reason_inaccurate: "Its facts are wrong or misleading", "Tá na fíricí mícheart nó míthreorach";
    reason_session_gone: "The session is gone", "Tá an seisiún imithe";
    reason_other: "Something else", "Rud éigin eile";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_there_in_each_language() {
        crate::words::check(TABLE);
    }
}
