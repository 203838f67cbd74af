//! What is public: sessions, their slugs, photos and reviews; and the events
//! that tell followers of them.

use seisiun_domain::{
    MemberId, PhotoId, SessionId, SubmissionId,
    card::{Card, List},
    geo::CELL_CHARS,
    photo::PublishedPhoto,
    review::{Rating, Review},
    session::Session,
    submission::{Event, Status, Workflow},
};
use seisiun_workflows::ports::{
    ApprovePhotos, FindPhoto, FindSlug, ListCards, ListPageResults, ListPhotos, ListReviews,
    LoadEvent, LoadRating, LoadReview, LoadSession, PageResult, PhotoOrigin, PortError, PortResult,
    Publication, PublishReview, PublishSession, PutPageResult, ReviewPublication,
};

use super::{
    Change, Committed, Item, Range, Sort, TRANSACT, Table, broken, number, number_of, record,
    submissions::publish, text, work::open_work,
};
use crate::keys::{self, GSI2, GSI2_PK, GSI2_SK, PK};

const REVIEW_COUNT: &str = "review_count";
const RATING_SUM: &str = "rating_sum";

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
            self.change(publish(event.id, &status)?)?,
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
fn cards(session: &Session) -> PortResult<Vec<Item>> {
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

impl PublishReview for Table {
    async fn publish_review(
        &self,
        review: &Review,
        session: &Session,
    ) -> PortResult<ReviewPublication> {
        let id = review.submission_id;
        let status = Status::Published { session_id: session.id, slug: session.slug.clone() };
        let rating =
            Change::new(keys::session(session.id), "ADD #review_count :one, #rating_sum :rating")
                .only_if("attribute_exists(#pk)")
                .names([PK, REVIEW_COUNT, RATING_SUM])
                .value(":one", number(1))
                .value(":rating", number(review.draft.rating));
        let committed = self
            .transact(vec![
                self.new_item(record(keys::review(session.id, &review.member_id), review, [])?)?,
                self.change(rating)?,
                self.change(publish(id, &status)?)?,
            ])
            .await?;
        match committed {
            Committed::All => Ok(ReviewPublication::Done),
            refused if refused.refuses(0) => {
                let stored = self.load_review(session.id, &review.member_id).await?;
                Ok(match stored {
                    Some(stored) if stored.submission_id != id => {
                        ReviewPublication::AlreadyReviewed
                    }
                    _ => ReviewPublication::Done,
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

impl LoadEvent for Table {
    async fn load_event(&self, id: SubmissionId) -> PortResult<Option<Event>> {
        self.get_doc(keys::event(id)).await
    }
}

impl PutPageResult for Table {
    async fn put_page_result(
        &self,
        event: SubmissionId,
        page: u32,
        result: PageResult,
    ) -> PortResult<()> {
        self.put(record(keys::page(event, page), &result, [])?).await
    }
}

impl ListPageResults for Table {
    async fn list_page_results(&self, event: SubmissionId) -> PortResult<Vec<PageResult>> {
        self.query_docs(Range::of(keys::event(event).pk, Sort::Prefix(keys::PAGES.into()))).await
    }
}
