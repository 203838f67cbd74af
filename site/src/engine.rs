//! The native side: pages in, documents out.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use perseus::prelude::*;
use perseus::{stores::ImmutableStore, turbine::Turbine};
use sycamore::web::SsrNode;

use crate::{Body, Page, page::State, shell, view};

/// A page as it is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Key of the document below the site's origin: `about/index.html`.
    pub key: String,
    /// The whole document.
    pub html: String,
    /// Key and JSON of what an open tab fetches when it goes to the page; none
    /// for the page of those that are missing.
    pub state: Option<(String, String)>,
}

/// Why pages could not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// Two of them have the same address.
    #[error("two pages are at {0}")]
    Twice(String),
    /// The renderer's store cannot be made or read.
    #[error("the renderer's store at {path} cannot be used")]
    Store {
        /// Where it was looked for.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Perseus failed.
    #[error("Perseus cannot render the pages: {0}")]
    Render(String),
    /// What Perseus left is not as it should be.
    #[error("{page}: the renderer left {what}")]
    Malformed {
        /// The page's address.
        page: String,
        /// What is wrong.
        what: &'static str,
    },
}

/// A page's data was asked for that is not among the pages.
#[derive(Debug, thiserror::Error)]
#[error("no page is at this address")]
struct NoSuchPage;

/// Pages that Perseus is handed at once: what it does for one grows with how many
/// there are.
const BATCH: usize = 500;

/// Renders pages, one or thousands: time and memory grow with their number and
/// with little else. `structured` gives a page's structured data as JSON-LD,
/// if it has any.
///
/// Perseus keeps what it renders in a folder; it is made for this call under
/// the system's folder for temporary files, and removed after it.
///
/// # Errors
/// See [`RenderError`]; nothing is returned of a part.
pub async fn render(
    pages: Vec<Page>,
    structured: impl Fn(&Page) -> Option<String>,
) -> Result<Vec<Document>, RenderError> {
    let mut by_route = BTreeMap::new();
    for page in pages {
        if let Some(page) = by_route.insert(page.route(), page) {
            return Err(RenderError::Twice(page.href()));
        }
    }
    let mut documents = Vec::with_capacity(by_route.len());
    while !by_route.is_empty() {
        let next = by_route.keys().nth(BATCH).cloned();
        let later = next.map(|route| by_route.split_off(&route)).unwrap_or_default();
        documents.extend(render_batch(by_route, &structured).await?);
        by_route = later;
    }
    Ok(documents)
}

/// Has Perseus render some pages, by their routes.
async fn render_batch(
    pages: BTreeMap<String, Page>,
    structured: &impl Fn(&Page) -> Option<String>,
) -> Result<Vec<Document>, RenderError> {
    let temporary = std::env::temp_dir();
    let store = tempfile::tempdir().map_err(|source| store_error(&temporary, source))?;
    let pages = Arc::new(pages);
    let mut turbine = Turbine::try_from(app(Arc::clone(&pages), store.path()))
        .map_err(|error| RenderError::Render(error.to_string()))?;
    turbine.build().await.map_err(|error| RenderError::Render(chain(&*error)))?;
    pages.iter().map(|(route, page)| document(store.path(), route, page, structured)).collect()
}

/// Renders one page, as [`render`] does.
///
/// # Errors
/// See [`RenderError`].
pub async fn render_one(page: Page, structured: Option<String>) -> Result<Document, RenderError> {
    let href = page.href();
    let documents = render(vec![page], |_| structured.clone()).await?;
    documents.into_iter().next().ok_or(RenderError::Malformed { page: href, what: "no document" })
}

/// The site as Perseus sees it: one template, whose paths are the pages.
fn app(pages: Arc<BTreeMap<String, Page>>, store: &Path) -> PerseusApp<SsrNode> {
    let routes: Vec<String> = pages.keys().cloned().collect();
    let template =
        Template::build("")
            .view_with_unreactive_state(view::page)
            .head_with_state(view::head)
            .build_paths_fn(move || {
                let paths = routes.clone();
                async move { BuildPaths { paths, extra: ().into() } }
            })
            .build_state_fn(move |info: StateGeneratorInfo<()>| {
                let page = pages.get(&info.path).and_then(State::of);
                async move {
                    page.ok_or(BlamedError { error: NoSuchPage, blame: ErrorBlame::Server(None) })
                }
            })
            .build();
    PerseusApp::new()
        .template(template)
        .error_views(ErrorViews::unlocalized_development_default())
        // It takes one slash away from an absolute path.
        .immutable_store(ImmutableStore::new(format!("/{}", store.display())))
}

/// Reads back what Perseus rendered of a page, and composes its document.
fn document(
    store: &Path,
    route: &str,
    page: &Page,
    structured: &impl Fn(&Page) -> Option<String>,
) -> Result<Document, RenderError> {
    let stem = format!("xx-XX-{}", urlencoding::encode(route));
    let read = |ending: &str| {
        let file = store.join("static").join(format!("{stem}.{ending}"));
        std::fs::read_to_string(&file).map_err(|source| store_error(&file, source))
    };
    let malformed = |what| RenderError::Malformed { page: page.href(), what };
    if read("widgets.json")? != "{}" {
        return Err(malformed("widgets, which the document has no place for"));
    }
    let (content, head) = (read("html")?, read("head.html")?);
    let state = serde_json::to_string(page).map_err(|_| malformed("no state"))?;
    let structured = structured(page);
    let missing = page.body == Body::NotFound;
    let html = shell::document(&shell::Parts {
        language: page.language,
        bundle: page.body.bundle(),
        head: &head,
        content: &content,
        state: if missing { shell::MISSING_STATE } else { &state },
        structured: structured.as_deref(),
    });
    let state = (!missing).then(|| {
        let head = serde_json::Value::from(head.as_str());
        (page.state_key(), format!(r#"{{"state":{state},"head":{head}}}"#))
    });
    Ok(Document { key: page.key(), html, state })
}

fn store_error(path: &Path, source: std::io::Error) -> RenderError {
    RenderError::Store { path: path.display().to_string(), source }
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
