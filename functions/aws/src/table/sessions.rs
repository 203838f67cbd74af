//! What is public: sessions, their slugs, photos and reviews; and the events
//! that tell followers of them.

use seisiun_domain::{
    MemberId, SessionId, SubmissionId,
    geo::{Cell, Position},
    photo::PublishedPhoto,
    review::Review,
    session::Session,
    submission::{Event, Status, Workflow},
};
use seisiun_workflows::ports::{
    ApprovePhotos, FindSessions, ListPageResults, LoadEvent, LoadReview, LoadSession,
    NearbySession, PageResult, PortError, PortResult, Publication, PublishReview, PublishSession,
    PutPageResult, ReviewPublication,
};

use super::{
    Change, Committed, Item, Range, Sort, TRANSACT, Table, broken, number, number_of, record,
    submissions::publish, text, text_of, work::open_work,
};
use crate::keys::{self, GSI2, GSI2_PK, GSI2_SK, PK};

/// What the index of places carries for the duplicate check.
const TITLE: &str = "title";
const LAT: &str = "lat";
const LON: &str = "lon";

const REVIEW_COUNT: &str = "review_count";
const RATING_SUM: &str = "rating_sum";

impl FindSessions for Table {
    async fn find_sessions(&self, cell: &Cell) -> PortResult<Vec<NearbySession>> {
        let range = Range::of(keys::cell(cell), Sort::All).in_index(GSI2);
        self.query(range).await?.iter().map(nearby).collect()
    }
}

fn nearby(item: &Item) -> PortResult<NearbySession> {
    let pk = text_of(item, PK).unwrap_or_default();
    let session = || {
        Some(NearbySession {
            id: keys::session_id(pk)?,
            title: text_of(item, TITLE)?.to_owned(),
            position: Position { lat: number_of(item, LAT)?, lon: number_of(item, LON)? },
        })
    };
    session().ok_or_else(|| broken("dynamodb:parse", format!("record {pk} has no place")))
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
            // There already: the first approval stands.
            self.put_new(record(keys::approval(session, photo.photo_id), photo, [])?).await?;
        }
        Ok(())
    }
}

impl PublishSession for Table {
    async fn publish_session(&self, session: &Session, event: &Event) -> PortResult<Publication> {
        let position = session.listing.venue.position;
        let listed = record(
            keys::session(session.id),
            session,
            [
                (GSI2_PK, text(keys::cell(&position.cell()))),
                (GSI2_SK, text(keys::by_place(position, session.id))),
                (TITLE, text(&session.listing.title)),
                (LAT, number(position.lat)),
                (LON, number(position.lon)),
                (REVIEW_COUNT, number(0)),
                (RATING_SUM, number(0)),
            ],
        )?;
        let slug = record(keys::slug(&session.slug), &session.id, [])?;
        let status = Status::Published { session_id: session.id, slug: session.slug.clone() };
        let work = open_work(Workflow::NotifyFollowers, event.id, event.at);
        let news = record(keys::event(event.id), event, work)?;
        let committed = self
            .transact(vec![
                self.new_item(listed)?,
                self.new_item(slug)?,
                self.change(publish(event.id, &status)?)?,
                self.new_item(news)?,
            ])
            .await?;
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
