//! The site: every public page, rendered natively ahead of time and alive in
//! the browser by the same code.
//!
//! A page is a value, [`Page`]: its language, its path and what it shows. One
//! Perseus template draws all of them. Natively (`cfg(engine)`) it gives HTML,
//! of one page or of thousands; compiled to WebAssembly (`cfg(client)`) it
//! takes over the HTML that it finds and asks the API for what changes by the
//! hour.
//!
//! Perseus's own exporter is not used: it writes state into an inline script,
//! unescaped, and every page into every other. [`shell`] composes the document
//! instead, with nothing inline, so that the strictest content security policy
//! holds.
//!
//! What is true about a session the API says; this crate only shows it. Where
//! pages are stored, and when they are made anew, is for others.

#[cfg(any(client, test))]
mod bitmap;
mod dates;
mod language;
#[cfg(any(engine, feature = "members"))]
#[cfg_attr(
    engine,
    allow(dead_code, reason = "natively forms are drawn; what they hold the browser's side sends")
)]
mod members;
mod page;
mod view;
mod words;
#[cfg(any(client, test))]
mod zone;

#[cfg(client)]
pub mod client;
#[cfg(engine)]
pub mod engine;
#[cfg(engine)]
pub mod script;
#[cfg(engine)]
pub mod shell;

pub use language::Language;
#[cfg(engine)]
pub use page::picture_key;
pub use page::{
    Body, Bundle, CountyPage, Found, GonePage, MemberPage, MembersPage, PICTURE_KEY, PICTURE_SIZE,
    Page, SessionPage, TownLink, TownPage, county_path, member_path, session_path, static_pages,
    town_path,
};
pub use seisiun_domain::county::{COUNTIES, County};
pub use words::{TABLE, Words};
