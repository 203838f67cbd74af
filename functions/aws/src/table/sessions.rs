//! What is public: sessions, their slugs, photos and reviews; and the events
//! that tell followers of them.

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use seisiun_domain::{
    MemberId, PhotoId, SessionId, SubmissionId,
    card::{Card, List},
    change::Confirmation,
    geo::CELL_CHARS,
    limits,
    photo::PublishedPhoto,
    review::{Rating, Review},
    session::Session,
    submission::{Event, Status, Workflow},
};
use seisiun_workflows::ports::{
    ApprovePhotos, FindPhoto, FindSlug, ListCards, ListConfirmations, ListPhotos, ListReviews,
    LoadConfirmation, LoadEvent, LoadRating, LoadReview, LoadSession, OpenEvent, PhotoOrigin,
    PortError, PortResult, Publication, PublishReview, PublishSession, RemoveReview,
    ReviewPublication, RevokePhotos, SessionWrite, WriteSession, Written,
};

use super::{
    Change, Committed, DOC, Item, Range, Sort, TRANSACT, Table, alias, broken, key_item, number,
    number_of, record, submissions::settle, text, value, work::open_work,
};
use crate::keys::{self, GSI2, GSI2_PK, GSI2_SK, PK, SK};

pub(super) const REVIEW_COUNT: &str = "review_count";
pub(super) const RATING_SUM: &str = "rating_sum";

impl ListCards for Table {
    async fn list_cards(&self, list: &List) -> PortResult<Vec<Card>> {
        let range = Range::of(keys::list(list), Sort::All);
        let fine = matches!(list, List::Cell(cell) if cell.0.len() == CELL_CHARS);
        self.query_docs(if fine { range.in_index(GSI2) } else { range }).await
    }
}

impl FindSlug for Table {
    async fn find_slug(&self, slug: &str) -> PortResult<Option<SessionId>> {
        self.get_doc(keys::slug(slug)).await
    }
}

impl ListReviews for Table {
    async fn list_reviews(
        &self,
        session: SessionId,
        after: Option<&MemberId>,
        limit: usize,
    ) -> PortResult<Vec<Review>> {
        let partition = keys::session(session).pk;
        let Some(after) = after else {
            let all = Range::of(partition, Sort::Prefix(keys::REVIEWS.into()));
            return self.query_docs(all.at_most(limit)).await;
        };
        // It includes its lower end, which is taken out again below. "~" is
        // above every character of a member's id.
        let rest = Sort::Between(keys::review(session, after).sk, format!("{}~", keys::REVIEWS));
        let rest = Range::of(partition, rest).at_most(limit.saturating_add(1));
        let mut reviews: Vec<Review> = self.query_docs(rest).await?;
        reviews.retain(|review| review.member_id != *after);
        reviews.truncate(limit);
        Ok(reviews)
    }
}

impl LoadRating for Table {
    async fn load_rating(&self, session: SessionId) -> PortResult<Rating> {
        let item = self.get(keys::session(session)).await?.unwrap_or_default();
        let attribute = |name| number_of(&item, name).unwrap_or_default();
        Ok(Rating { count: attribute(REVIEW_COUNT), sum: attribute(RATING_SUM) })
    }
}

impl ListPhotos for Table {
    async fn list_photos(&self, session: SessionId) -> PortResult<Vec<PublishedPhoto>> {
        let photos = Sort::Prefix(keys::PHOTOS.into());
        self.query_docs(Range::of(keys::session(session).pk, photos)).await
    }
}

impl LoadSession for Table {
    async fn load_session(&self, id: SessionId) -> PortResult<Option<Session>> {
        self.get_doc(keys::session(id)).await
    }
}

impl LoadReview for Table {
    async fn load_review(
        &self,
        session: SessionId,
        member: &MemberId,
    ) -> PortResult<Option<Review>> {
        self.get_doc(keys::review(session, member)).await
    }
}

impl ApprovePhotos for Table {
    async fn approve_photos(
        &self,
        session: SessionId,
        photos: &[PublishedPhoto],
    ) -> PortResult<()> {
        for photo in photos {
            let submission_id = photo.submission_id;
            let origin = PhotoOrigin { session_id: session, submission_id };
            self.put(record(keys::photo(photo.photo_id), &origin, [])?).await?;
            // There already: the first approval stands.
            self.put_new(record(keys::approval(session, photo.photo_id), photo, [])?).await?;
        }
        Ok(())
    }
}

impl FindPhoto for Table {
    async fn find_photo(&self, photo: PhotoId) -> PortResult<Option<PhotoOrigin>> {
        self.get_doc(keys::photo(photo)).await
    }
}

impl PublishSession for Table {
    async fn publish_session(&self, session: &Session, event: &Event) -> PortResult<Publication> {
        let listed = record(
            keys::session(session.id),
            session,
            [(REVIEW_COUNT, number(0)), (RATING_SUM, number(0))],
        )?;
        let slug = record(keys::slug(session.slug.as_str()), &session.id, [])?;
        let status = Status::Published { session_id: session.id, slug: session.slug.clone() };
        let work = open_work(Workflow::NotifyFollowers, event.id, event.at);
        let news = record(keys::event(event.id), event, work)?;
        let mut writes = vec![
            self.new_item(listed)?,
            self.new_item(slug)?,
            self.change(settle(event.id, &status)?)?,
            self.new_item(news)?,
        ];
        for card in cards(session)? {
            writes.push(self.item(card)?);
        }
        let committed = self.transact(writes).await?;
        match committed {
            Committed::All => Ok(Publication::Done),
            // The first publication stands, whatever slug a repeat asks for.
            refused if refused.refuses(0) => Ok(Publication::Done),
            refused if refused.refuses(1) => Ok(Publication::SlugTaken),
            refused if refused.refuses(2) => Err(unpublishable(event.id)),
            _ => Err(broken(TRANSACT, format!("event {} exists without its session", event.id))),
        }
    }
}

/// The records of a session's card, one per list. The coarse cell's stands in
/// the index of fine cells too.
pub(super) fn cards(session: &Session) -> PortResult<Vec<Item>> {
    let card = Card::of(session);
    let fine = List::Cell(card.position.cell());
    let to_record = |list: &List| {
        let key = keys::card(list, card.position, card.id);
        match list {
            List::Cell(_) => {
                let by_place = text(key.sk.clone());
                record(key, &card, [(GSI2_PK, text(keys::list(&fine))), (GSI2_SK, by_place)])
            }
            List::County { .. } | List::Country { .. } => record(key, &card, []),
        }
    };
    card.lists().iter().map(to_record).collect()
}

fn unpublishable(id: SubmissionId) -> PortError {
    broken(TRANSACT, format!("submission {id} is rejected, or not there"))
}

impl WriteSession for Table {
    async fn write_session(&self, write: &SessionWrite) -> PortResult<Written> {
        let SessionWrite { found, session, settles, event, confirmation } = write;
        // The document alone: count and sum of the reviews stand beside it.
        let over = Change::new(keys::session(session.id), "SET #doc = :doc")
            .only_if("#doc.#revision = :found")
            .names([DOC, "revision"])
            .value(":doc", value(session)?)
            .value(":found", number(found.revision));
        let mut writes = vec![self.change(over)?];
        for (id, status) in settles {
            writes.push(self.change(settle(*id, status)?)?);
        }
        let present = if session.is_listed() { cards(session)? } else { Vec::new() };
        for card in cards(found)? {
            if !present.iter().any(|new| same_key(new, &card)) {
                writes.push(self.removal(card)?);
            }
        }
        for card in present {
            writes.push(self.item(card)?);
        }
        if let Some(event) = event {
            let work = open_work(Workflow::NotifyFollowers, event.id, event.at);
            writes.push(self.new_item(record(keys::event(event.id), event, work)?)?);
        }
        if let Some(confirmation) = confirmation {
            let key = keys::confirmation(session.id, &confirmation.member_id);
            writes.push(self.item(record(key, confirmation, [])?)?);
        }
        self.written(writes, settles).await
    }
}

/// Whether two records have one key.
fn same_key(one: &Item, other: &Item) -> bool {
    [PK, SK].iter().all(|name| one.get(*name) == other.get(*name))
}

impl Table {
    /// A transaction whose first write is over what was read and whose next ones
    /// settle these submissions.
    async fn written(
        &self,
        writes: Vec<TransactWriteItem>,
        settles: &[(SubmissionId, Status)],
    ) -> PortResult<Written> {
        match self.transact(writes).await? {
            Committed::All => Ok(Written::Done),
            refused if refused.refuses(0) => Ok(Written::Raced),
            refused => {
                let unsettled = settles.iter().enumerate();
                let unsettled = unsettled.filter(|(n, _)| refused.refuses(n + 1));
                Err(match unsettled.map(|(_, (id, _))| *id).next() {
                    Some(id) => unpublishable(id),
                    None => broken(TRANSACT, "an event exists without its change"),
                })
            }
        }
    }
}

impl LoadConfirmation for Table {
    async fn load_confirmation(
        &self,
        session: SessionId,
        member: &MemberId,
    ) -> PortResult<Option<Confirmation>> {
        self.get_doc(keys::confirmation(session, member)).await
    }
}

impl ListConfirmations for Table {
    async fn list_confirmations(&self, session: SessionId) -> PortResult<Vec<Confirmation>> {
        let found = Sort::Prefix(keys::CONFIRMATIONS.into());
        let found = Range::of(keys::session(session).pk, found);
        self.query_docs(found.at_most(limits::CONFIRMATIONS_READ_MAX)).await
    }
}

impl RevokePhotos for Table {
    async fn revoke_photos(&self, session: SessionId, photos: &[PhotoId]) -> PortResult<()> {
        for photo in photos {
            self.delete(keys::approval(session, *photo), None).await?;
            self.delete(keys::photo(*photo), None).await?;
        }
        Ok(())
    }
}

impl PublishReview for Table {
    async fn publish_review(
        &self,
        review: &Review,
        session: &Session,
    ) -> PortResult<ReviewPublication> {
        let id = review.submission_id;
        let status = Status::Published { session_id: session.id, slug: session.slug.clone() };
        let item = record(keys::review(session.id, &review.member_id), review, [])?;
        let stands = match review.draft.replaces {
            None => None,
            Some(replaced) => {
                let stands = self.load_review(session.id, &review.member_id).await?;
                match stands {
                    Some(stands) if stands.submission_id == id => {
                        return Ok(ReviewPublication::Done);
                    }
                    Some(stands) if stands.submission_id == replaced => Some(stands),
                    _ => return Ok(ReviewPublication::AlreadyReviewed),
                }
            }
        };
        let (put, rating) = match &stands {
            None => {
                let sum = i64::from(review.draft.rating);
                (self.new_item(item)?, add_rating(session.id, 1, sum))
            }
            Some(stands) => {
                let sum = i64::from(review.draft.rating) - i64::from(stands.draft.rating);
                (self.review_over(item, stands)?, add_rating(session.id, 0, sum))
            }
        };
        let writes = vec![put, self.change(rating)?, self.change(settle(id, &status)?)?];
        let committed = self.transact(writes).await?;
        match committed {
            Committed::All => Ok(ReviewPublication::Done),
            refused if refused.refuses(0) => {
                let stored = self.load_review(session.id, &review.member_id).await?;
                Ok(match stored {
                    Some(stored) if stored.submission_id == id => ReviewPublication::Done,
                    _ => ReviewPublication::AlreadyReviewed,
                })
            }
            // A retry reads that it is gone and says so to the submitter.
            refused if refused.refuses(1) => Err(PortError::Unavailable {
                what: TRANSACT,
                source: format!("session {} is not listed any more", session.id).into(),
            }),
            _ => Err(unpublishable(id)),
        }
    }
}

/// Adds to a session's count and sum.
fn add_rating(session: SessionId, count: i64, sum: i64) -> Change {
    Change::new(keys::session(session), "ADD #review_count :count, #rating_sum :sum")
        .only_if("attribute_exists(#pk)")
        .names([PK, REVIEW_COUNT, RATING_SUM])
        .value(":count", number(count))
        .value(":sum", number(sum))
}

impl Table {
    /// A transaction's put of a review over one that stands there.
    fn review_over(&self, item: Item, stands: &Review) -> PortResult<TransactWriteItem> {
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression(IS_THIS_REVIEW)
            .set_expression_attribute_names(Some(alias([DOC, SUBMISSION_ID])))
            .expression_attribute_values(":id", text(stands.submission_id.to_string()))
            .build();
        let put = put.map_err(|error| broken(TRANSACT, error.to_string()))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

const SUBMISSION_ID: &str = "submission_id";
const IS_THIS_REVIEW: &str = "#doc.#submission_id = :id";

impl RemoveReview for Table {
    async fn remove_review(
        &self,
        session: SessionId,
        review: Option<&Review>,
        settles: &[(SubmissionId, Status)],
    ) -> PortResult<Written> {
        let mut writes = Vec::new();
        let mut rating = None;
        if let Some(review) = review {
            let delete = Delete::builder()
                .table_name(&self.name)
                .set_key(Some(key_item(keys::review(session, &review.member_id))))
                .condition_expression(IS_THIS_REVIEW)
                .set_expression_attribute_names(Some(alias([DOC, SUBMISSION_ID])))
                .expression_attribute_values(":id", text(review.submission_id.to_string()))
                .build();
            let delete = delete.map_err(|error| broken(TRANSACT, error.to_string()))?;
            writes.push(TransactWriteItem::builder().delete(delete).build());
            rating = Some(add_rating(session, -1, -i64::from(review.draft.rating)));
        }
        for (id, status) in settles {
            writes.push(self.change(settle(*id, status)?)?);
        }
        if let Some(rating) = rating {
            writes.push(self.change(rating)?);
            return self.written(writes, settles).await;
        }
        match self.transact(writes).await? {
            Committed::All => Ok(Written::Done),
            Committed::Refused(_) => Err(broken(TRANSACT, "a withdrawn submission is not there")),
        }
    }
}

impl OpenEvent for Table {
    async fn open_event(&self, event: &Event) -> PortResult<bool> {
        let work = open_work(Workflow::NotifyFollowers, event.id, event.at);
        self.put_new(record(keys::event(event.id), event, work)?).await
    }
}

impl LoadEvent for Table {
    async fn load_event(&self, id: SubmissionId) -> PortResult<Option<Event>> {
        self.get_doc(keys::event(id)).await
    }
}
