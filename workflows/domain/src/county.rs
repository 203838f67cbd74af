//! The counties of Ireland, in both languages: those that always have a page,
//! whether or not a session is listed.

use crate::member::Language;

/// A county of Ireland.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct County {
    /// ISO 3166-1 alpha-2 code of its country.
    pub country: &'static str,
    /// Its part of an address, as the published lists have it.
    pub slug: &'static str,
    /// Its name in English.
    pub english: &'static str,
    /// Its name in Irish, from the Placenames Branch's list of counties.
    pub irish: &'static str,
}

impl County {
    const fn ie(slug: &'static str, english: &'static str, irish: &'static str) -> Self {
        Self { country: "IE", slug, english, irish }
    }

    const fn gb(slug: &'static str, english: &'static str, irish: &'static str) -> Self {
        Self { country: "GB", slug, english, irish }
    }

    /// Its name in a language.
    #[must_use]
    pub const fn name(&self, language: Language) -> &'static str {
        match language {
            Language::En => self.english,
            Language::Ga => self.irish,
        }
    }

    /// The path of its page, without a language.
    #[must_use]
    pub fn path(&self) -> String {
        format!("counties/{}/{}", self.country.to_ascii_lowercase(), self.slug)
    }

    /// The county with this part of an address.
    #[must_use]
    pub fn find(country: &str, slug: &str) -> Option<&'static Self> {
        COUNTIES
            .iter()
            .find(|county| county.slug == slug && county.country.eq_ignore_ascii_case(country))
    }
}

/// All thirty-two, by their English names.
pub const COUNTIES: [County; 32] = [
    County::gb("antrim", "Antrim", "Aontroim"),
    County::gb("armagh", "Armagh", "Ard Mhacha"),
    County::ie("carlow", "Carlow", "Ceatharlach"),
    County::ie("cavan", "Cavan", "An Cabhán"),
    County::ie("clare", "Clare", "An Clár"),
    County::ie("cork", "Cork", "Corcaigh"),
    County::gb("derry", "Derry", "Doire"),
    County::ie("donegal", "Donegal", "Dún na nGall"),
    County::gb("down", "Down", "An Dún"),
    County::ie("dublin", "Dublin", "Baile Átha Cliath"),
    County::gb("fermanagh", "Fermanagh", "Fear Manach"),
    County::ie("galway", "Galway", "Gaillimh"),
    County::ie("kerry", "Kerry", "Ciarraí"),
    County::ie("kildare", "Kildare", "Cill Dara"),
    County::ie("kilkenny", "Kilkenny", "Cill Chainnigh"),
    County::ie("laois", "Laois", "Laois"),
    County::ie("leitrim", "Leitrim", "Liatroim"),
    County::ie("limerick", "Limerick", "Luimneach"),
    County::ie("longford", "Longford", "An Longfort"),
    County::ie("louth", "Louth", "Lú"),
    County::ie("mayo", "Mayo", "Maigh Eo"),
    County::ie("meath", "Meath", "An Mhí"),
    County::ie("monaghan", "Monaghan", "Muineachán"),
    County::ie("offaly", "Offaly", "Uíbh Fhailí"),
    County::ie("roscommon", "Roscommon", "Ros Comáin"),
    County::ie("sligo", "Sligo", "Sligeach"),
    County::ie("tipperary", "Tipperary", "Tiobraid Árann"),
    County::gb("tyrone", "Tyrone", "Tír Eoghain"),
    County::ie("waterford", "Waterford", "Port Láirge"),
    County::ie("westmeath", "Westmeath", "An Iarmhí"),
    County::ie("wexford", "Wexford", "Loch Garman"),
    County::ie("wicklow", "Wicklow", "Cill Mhantáin"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::county_slug;

    #[test]
    fn slugs_are_those_of_the_published_lists() {
        for county in COUNTIES {
            assert_eq!(county_slug(county.english), county.slug);
        }
        assert!(COUNTIES.windows(2).all(|two| two[0].english < two[1].english));
        assert_eq!(County::find("ie", "clare").unwrap().irish, "An Clár");
        assert!(County::find("gb", "clare").is_none());
    }
}
