//! Lists that are read page by page: where a page ends, and the cursor that the
//! next one begins with.

use seisiun_contracts::api::Cursor;
use seisiun_workflows::ports::ServiceKey;
use serde::{Serialize, de::DeserializeOwned};

use crate::{http::HttpProblem, seal::Seals};

/// Splits off what was read beyond a page of `limit`, to see whether there is
/// more. Answers the page and, if there is more, the place of its last entry.
#[must_use]
pub fn page<T, P>(
    mut read: Vec<T>,
    limit: usize,
    place: impl FnOnce(&T) -> P,
) -> (Vec<T>, Option<P>) {
    let more = read.len() > limit;
    read.truncate(limit);
    let last = read.last().filter(|_| more).map(place);
    (read, last)
}

/// Seals and opens cursors. Each belongs to one list, named by its scope, e.g.
/// `reviews:<session>`.
#[derive(Debug)]
pub struct Cursors(Seals);

impl Default for Cursors {
    fn default() -> Self {
        Self(Seals::of("cursors"))
    }
}

impl Cursors {
    /// The place that a cursor of this list holds; none without a cursor.
    ///
    /// # Errors
    /// If it does not open, or the key can't be had.
    pub async fn open<T: DeserializeOwned>(
        &self,
        keys: &impl ServiceKey,
        scope: &str,
        cursor: Option<&Cursor>,
    ) -> Result<Option<T>, HttpProblem> {
        let Some(Cursor(text)) = cursor else { return Ok(None) };
        let place = self.0.get(keys).await?.open(scope, text);
        place.map(Some).ok_or_else(HttpProblem::bad_cursor)
    }

    /// The cursor for what comes after this place; none if nothing does.
    ///
    /// # Errors
    /// If the key can't be had.
    pub async fn after(
        &self,
        keys: &impl ServiceKey,
        scope: &str,
        place: Option<&(impl Serialize + Sync)>,
    ) -> Result<Option<Cursor>, HttpProblem> {
        let Some(place) = place else { return Ok(None) };
        Ok(Some(Cursor(self.0.get(keys).await?.seal(scope, place)?)))
    }
}

#[cfg(test)]
mod tests {
    use seisiun_contracts::api::ProblemKind;
    use seisiun_workflows::memory::Memory;

    use super::*;

    #[test]
    fn a_page_tells_whether_there_is_more() {
        let pages = |read: usize| page((0..read).collect(), 3, |n| *n);
        assert_eq!(pages(0), (vec![], None));
        assert_eq!(pages(2), (vec![0, 1], None));
        assert_eq!(pages(3), (vec![0, 1, 2], None));
        assert_eq!(pages(4), (vec![0, 1, 2], Some(2)));
    }

    #[tokio::test]
    async fn a_cursor_opens_in_its_own_list_alone() {
        let (keys, cursors) = (Memory::default(), Cursors::default());
        assert_eq!(cursors.after(&keys, "a", None::<&u8>).await.unwrap(), None);
        assert_eq!(cursors.open::<u8>(&keys, "a", None).await.unwrap(), None);
        assert!(keys.state().service_keys.is_empty(), "no cursor, no key");
        let cursor = cursors.after(&keys, "a", Some(&7)).await.unwrap();
        assert_eq!(cursors.open(&keys, "a", cursor.as_ref()).await.unwrap(), Some(7));
        let problem = cursors.open::<u8>(&keys, "b", cursor.as_ref()).await.unwrap_err();
        assert!(format!("{problem:?}").contains(ProblemKind::BadCursor.name()), "{problem:?}");
    }
}
