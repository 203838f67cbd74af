//! Writes every sample in every language into a folder: its parts, the message
//! itself, and a list of them for whoever shows them.

use std::{error::Error, fs, path::PathBuf};

use seisiun_mail::{
    Language,
    samples::{TO, letters, sender},
};
use serde_json::json;

fn main() -> Result<(), Box<dyn Error>> {
    let folder: PathBuf = std::env::args_os().nth(1).ok_or("usage: samples FOLDER")?.into();
    fs::create_dir_all(&folder)?;
    let mut list = Vec::new();
    for language in Language::ALL {
        let tag = language.tag();
        let after = tag.split_once('-').map_or(tag, |(language, _)| language);
        for (name, letter) in letters(language) {
            let mail = letter.mail(TO, language, &sender())?;
            let file = format!("{name}-{after}");
            fs::write(folder.join(format!("{file}.eml")), mail.to_mime(&sender())?)?;
            fs::write(folder.join(format!("{file}.html")), &mail.html)?;
            fs::write(folder.join(format!("{file}.txt")), &mail.text)?;
            list.push(json!({
                "name": name,
                "language": after,
                "file": file,
                "subject": mail.subject,
            }));
        }
    }
    fs::write(folder.join("mails.json"), serde_json::to_vec_pretty(&list)?)?;
    Ok(())
}
