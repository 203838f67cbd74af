//! How much of what people typed a mail carries. The domain has its own, often
//! smaller limits; these keep any one mail readable and its size bounded even
//! when a limit there is raised. Text beyond them is cut, with an ellipsis.

/// A session's title, in characters: it stands in the subject, of which
/// phones show about 40 and desktop clients about 70.
pub const TITLE_CHARS_MAX: usize = 120;

/// The name of a venue, town, county, person, or of the sender, in characters.
pub const NAME_CHARS_MAX: usize = 80;

/// A phrase within a sentence (when it meets, a date, why somebody is
/// followed), in characters: two lines of text.
pub const PHRASE_CHARS_MAX: usize = 160;

/// A text of one or more paragraphs (the facts of a decision), in characters:
/// about a page.
pub const PROSE_CHARS_MAX: usize = 2_000;

/// Paragraphs kept of such a text.
pub const PARAGRAPHS_MAX: usize = 8;

/// Lines kept of the sender's footer.
pub const FOOTER_LINES_MAX: usize = 6;

/// Next dates listed: enough to see the rhythm, the page has the rest.
pub const NEXT_DATES_MAX: usize = 6;

/// Reasons for getting a mail, and things a moderator checks, listed at most.
pub const REASONS_MAX: usize = 5;

/// Left-out photos in one mail. Each is owed its reasons, so a longer list is
/// refused and not cut; ten times what a submission may hold.
pub const LEFT_OUT_PHOTOS_MAX: usize = 100;

/// Sessions that a weekly digest names: a screen or two, its page has the rest.
pub const DIGEST_ENTRIES_MAX: usize = 30;

/// Dates of one session in it: it is on seven days a week at most.
pub const DIGEST_DATES_MAX: usize = 7;

/// A session's title in the subject of a digest, which names two, in characters.
pub const DIGEST_TITLE_CHARS_MAX: usize = 40;

/// A subject, in characters: a full title and the longest words around it.
pub const SUBJECT_CHARS_MAX: usize = TITLE_CHARS_MAX + 60;

/// An address, in octets (RFC 5321, 4.5.3.1.3: a path of 256 with its brackets).
pub const ADDRESS_OCTETS_MAX: usize = 254;

/// The part of an address before the `@`, in octets (RFC 5321, 4.5.3.1.1).
pub const LOCAL_PART_OCTETS_MAX: usize = 64;

/// A link, in octets: on one line with its header's name it stays within the
/// 998 of RFC 5322, 2.1.1, and no word of the text part is longer.
pub const LINK_OCTETS_MAX: usize = 900;

/// Where lines of the text part are wrapped, in characters: the old custom
/// that leaves room for quoting.
pub const TEXT_COLUMNS: usize = 72;
