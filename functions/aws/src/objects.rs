//! Objects in S3, and signed forms with which a browser uploads one.

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_s3::{
    Client,
    config::{Builder, Region},
    error::SdkError,
    operation::{
        copy_object::CopyObjectError, get_object::GetObjectError, put_object::PutObjectError,
    },
    presigning::PresigningConfig,
    primitives::ByteStream,
    types::{Delete, MetadataDirective, ObjectIdentifier},
};
use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::{Timestamp, ToSpan};
use seisiun_domain::{
    MemberId, PhotoId,
    photo::{MalwareScan, Unscanned, incoming_key},
};
use seisiun_workflows::ports::{
    Bucket, Keep, ListObjects, ListedObject, NewObject, ObjectSize, PortError, PortResult,
    PublishObject, ReadMalwareScan, ReadObject, ReadVersioned, RemoveObjects, SignDownload,
    SignUpload, Swap, SwapObject, UploadForm, Versioned, WriteObject,
};
use serde_json::json;

use crate::{SdkConfig, classify::port_error, timeouts};

const GET: &str = "s3:GetObject";
const GET_TAGS: &str = "s3:GetObjectTagging";
const PUT: &str = "s3:PutObject";
const COPY: &str = "s3:CopyObject";
const SIGN_GET: &str = "s3:SignGet";
const LIST: &str = "s3:ListObjectsV2";
const DELETE: &str = "s3:DeleteObjects";
const SIGN: &str = "s3:SignPost";

/// Seconds to wait for one answer. What we write is at most a few megabytes, a
/// photo or a manifest; the answer to a read is waited for apart from its body.
const ATTEMPT_SECONDS: u64 = 6;
/// Seconds for an operation with its retries: less than the time-out of the
/// shortest function that uses objects (15 s).
const OPERATION_SECONDS: u64 = 12;
/// Seconds for the body of an object, which the SDK's time-outs do not cover:
/// 15 MB, the largest upload, at 1 MB/s, and some.
const BODY_SECONDS: u64 = 20;

/// Minutes that a signed form can be used: enough to send a photo over a slow
/// line, too few to be passed around.
const FORM_MINUTES: i64 = 5;

/// The tag in which GuardDuty Malware Protection for S3 leaves its answer.
const SCAN_TAG: &str = "GuardDutyMalwareScanStatus";

/// What the public bucket holds: prepared photos are all of this type.
const PUBLIC_TYPE: &str = "image/jpeg";
/// A key holds its content's hash, so the content never changes.
const PUBLIC_CACHE: &str = "public, max-age=31536000, immutable";
/// The head of a list: stale for ten minutes more rather than slow.
const HEAD_CACHE: &str = "public, max-age=60, stale-while-revalidate=600";

/// A page.
const PAGE_CACHE: &str = "public, max-age=60";

/// Names of the buckets that a function may use.
#[derive(Debug, Clone, Default)]
pub struct Buckets {
    /// See [`Bucket::Quarantine`].
    pub quarantine: Option<String>,
    /// See [`Bucket::Public`].
    pub public: Option<String>,
    /// See [`Bucket::Work`].
    pub work: Option<String>,
    /// See [`Bucket::Site`].
    pub site: Option<String>,
}

/// The buckets.
#[derive(Debug, Clone)]
pub struct Objects {
    client: Client,
    buckets: Buckets,
    credentials: Option<SharedCredentialsProvider>,
    region: Option<Region>,
    /// Where the API is, if the environment names a place of its own.
    endpoint: Option<String>,
}

impl Objects {
    /// The buckets of these names. If the environment names an endpoint, it is
    /// addressed path-style: buckets are host names in AWS's own domains only.
    #[must_use]
    pub fn new(config: &SdkConfig, buckets: Buckets) -> Self {
        let own = std::env::var("AWS_ENDPOINT_URL_S3").ok().filter(|url| !url.is_empty());
        let endpoint = own.or_else(|| config.endpoint_url().map(str::to_owned));
        let client_config = Builder::from(config)
            .timeout_config(timeouts(ATTEMPT_SECONDS, OPERATION_SECONDS))
            .force_path_style(endpoint.is_some())
            .build();
        Self {
            client: Client::from_conf(client_config),
            buckets,
            credentials: config.credentials_provider(),
            region: config.region().cloned(),
            endpoint,
        }
    }

    fn bucket(&self, bucket: Bucket, what: &'static str) -> PortResult<&str> {
        let name = match bucket {
            Bucket::Quarantine => &self.buckets.quarantine,
            Bucket::Public => &self.buckets.public,
            Bucket::Work => &self.buckets.work,
            Bucket::Site => &self.buckets.site,
        };
        let missing = || PortError::Broken { what, why: format!("no {bucket:?} bucket is set") };
        name.as_deref().ok_or_else(missing)
    }
}

impl ObjectSize for Objects {
    /// By listing: a HEAD asks for the right to read, which nobody has on an
    /// upload that isn't scanned yet.
    async fn object_size(&self, bucket: Bucket, key: &str) -> PortResult<Option<u64>> {
        let list = self.client.list_objects_v2().bucket(self.bucket(bucket, LIST)?);
        // Of all keys that begin so, the key itself is the first.
        let answer = list.prefix(key).max_keys(1).send().await;
        let answer = answer.map_err(|error| port_error(LIST, error))?;
        let mut found = answer.contents.unwrap_or_default().into_iter();
        match found.find(|object| object.key.as_deref() == Some(key)) {
            Some(object) => Ok(Some(size(object.size, LIST)?)),
            None => Ok(None),
        }
    }
}

impl ReadMalwareScan for Objects {
    async fn read_malware_scan(&self, key: &str) -> PortResult<Option<MalwareScan>> {
        use aws_sdk_s3::error::ProvideErrorMetadata as _;
        let bucket = self.bucket(Bucket::Quarantine, GET_TAGS)?;
        let tags = match self.client.get_object_tagging().bucket(bucket).key(key).send().await {
            Ok(answer) => answer.tag_set,
            Err(SdkError::ServiceError(context)) if context.err().code() == Some("NoSuchKey") => {
                return Ok(None);
            }
            Err(error) => return Err(port_error(GET_TAGS, error)),
        };
        let status = tags.iter().find(|tag| tag.key == SCAN_TAG).map(|tag| tag.value.as_str());
        Ok(Some(match status {
            None => MalwareScan::Pending,
            Some("NO_THREATS_FOUND") => MalwareScan::Clean,
            Some("THREATS_FOUND") => MalwareScan::Threat,
            Some("UNSUPPORTED") => MalwareScan::Impossible(Unscanned::Unsupported),
            Some("ACCESS_DENIED") => MalwareScan::Impossible(Unscanned::AccessDenied),
            // FAILED, and whatever AWS may add: all but clean goes to a person.
            Some(_) => MalwareScan::Impossible(Unscanned::Failed),
        }))
    }
}

fn size(length: Option<i64>, what: &'static str) -> PortResult<u64> {
    let sizeless = || PortError::Broken { what, why: "the answer has no length".into() };
    length.and_then(|length| u64::try_from(length).ok()).ok_or_else(sizeless)
}

impl ReadObject for Objects {
    async fn read_object(
        &self,
        bucket: Bucket,
        key: &str,
        bytes_max: u64,
    ) -> PortResult<Option<Vec<u8>>> {
        Ok(self.read_versioned(bucket, key, bytes_max).await?.map(|object| object.bytes))
    }
}

impl ReadVersioned for Objects {
    async fn read_versioned(
        &self,
        bucket: Bucket,
        key: &str,
        bytes_max: u64,
    ) -> PortResult<Option<Versioned>> {
        let get = self.client.get_object().bucket(self.bucket(bucket, GET)?).key(key);
        let object = match get.send().await {
            Ok(object) => object,
            Err(SdkError::ServiceError(context))
                if matches!(context.err(), GetObjectError::NoSuchKey(_)) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(port_error(GET, error)),
        };
        // Too large a body is not read, let alone held.
        if size(object.content_length, GET)? > bytes_max {
            return Ok(None);
        }
        let untagged = || PortError::Broken { what: GET, why: "the answer has no ETag".into() };
        let version = object.e_tag.clone().ok_or_else(untagged)?;
        let unavailable = |source: Box<dyn std::error::Error + Send + Sync>| {
            PortError::Unavailable { what: GET, source }
        };
        let body = tokio::time::timeout(Duration::from_secs(BODY_SECONDS), object.body.collect())
            .await
            .map_err(|late| unavailable(late.into()))?
            .map_err(|cut_off| unavailable(cut_off.into()))?;
        Ok(Some(Versioned { bytes: body.to_vec(), version }))
    }
}

impl SwapObject for Objects {
    async fn swap_object(
        &self,
        bucket: Bucket,
        key: &str,
        object: NewObject,
        expected: Option<&str>,
    ) -> PortResult<Swap> {
        let put = self
            .client
            .put_object()
            .bucket(self.bucket(bucket, PUT)?)
            .key(key)
            .content_type(object.content_type)
            .cache_control(match object.keep {
                Keep::Minute => HEAD_CACHE,
                Keep::MinuteAtMost => PAGE_CACHE,
                Keep::ForEver => PUBLIC_CACHE,
            })
            .body(ByteStream::from(object.bytes));
        let put = match expected {
            Some(version) => put.if_match(version),
            None => put.if_none_match("*"),
        };
        match put.send().await {
            Ok(_) => Ok(Swap::Done),
            Err(SdkError::ServiceError(context)) if was_changed(context.err()) => Ok(Swap::Lost),
            Err(error) => Err(port_error(PUT, error)),
        }
    }
}

/// Whether a conditional write found another version, or met another write.
fn was_changed(error: &PutObjectError) -> bool {
    use aws_sdk_s3::error::ProvideErrorMetadata as _;
    matches!(error.code(), Some("PreconditionFailed" | "ConditionalRequestConflict" | "NoSuchKey"))
}

impl ListObjects for Objects {
    async fn list_objects(
        &self,
        bucket: Bucket,
        prefix: &str,
        after: Option<&str>,
    ) -> PortResult<Vec<ListedObject>> {
        let list = self
            .client
            .list_objects_v2()
            .bucket(self.bucket(bucket, LIST)?)
            .prefix(prefix)
            .set_start_after(after.map(str::to_owned));
        let answer = list.send().await.map_err(|error| port_error(LIST, error))?;
        let nameless = || PortError::Broken { what: LIST, why: "an object lacks a fact".into() };
        let listed = answer.contents.unwrap_or_default().into_iter().map(|object| {
            let (key, at) = object.key.zip(object.last_modified).ok_or_else(nameless)?;
            let written_at = Timestamp::from_second(at.secs()).map_err(|_| nameless())?;
            Ok(ListedObject { key, written_at })
        });
        listed.collect()
    }
}

impl RemoveObjects for Objects {
    async fn remove_objects(&self, bucket: Bucket, keys: &[String]) -> PortResult<()> {
        let broken = |why: String| PortError::Broken { what: DELETE, why };
        let mut objects = Vec::with_capacity(keys.len());
        for key in keys {
            let object = ObjectIdentifier::builder().key(key).build();
            objects.push(object.map_err(|error| broken(error.to_string()))?);
        }
        if objects.is_empty() {
            return Ok(());
        }
        let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build();
        let delete = delete.map_err(|error| broken(error.to_string()))?;
        let answer = self
            .client
            .delete_objects()
            .bucket(self.bucket(bucket, DELETE)?)
            .delete(delete)
            .send()
            .await
            .map_err(|error| port_error(DELETE, error))?;
        // The call succeeds even where single objects do not.
        match answer.errors.unwrap_or_default().into_iter().next() {
            Some(error) => {
                let code = error.code.unwrap_or_default();
                Err(PortError::Unavailable { what: DELETE, source: code.into() })
            }
            None => Ok(()),
        }
    }
}

impl WriteObject for Objects {
    async fn write_object(
        &self,
        bucket: Bucket,
        key: &str,
        content_type: &'static str,
        bytes: Vec<u8>,
    ) -> PortResult<()> {
        self.client
            .put_object()
            .bucket(self.bucket(bucket, PUT)?)
            .key(key)
            .content_type(content_type)
            .body(ByteStream::from(bytes))
            .send()
            .await
            .map_err(|error| port_error(PUT, error))?;
        Ok(())
    }
}

impl PublishObject for Objects {
    async fn publish_object(&self, from: &str, to: &str) -> PortResult<()> {
        // Our keys are letters, digits, "/", "." and "-": nothing to encode.
        let source = format!("{}/{from}", self.bucket(Bucket::Quarantine, COPY)?);
        let copy = self
            .client
            .copy_object()
            .copy_source(source)
            .bucket(self.bucket(Bucket::Public, COPY)?)
            .key(to)
            .metadata_directive(MetadataDirective::Replace)
            .content_type(PUBLIC_TYPE)
            .cache_control(PUBLIC_CACHE);
        match copy.send().await {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(context)) if is_missing(context.err()) => {
                Err(PortError::Broken { what: COPY, why: format!("{from} is not there") })
            }
            Err(error) => Err(port_error(COPY, error)),
        }
    }
}

fn is_missing(error: &CopyObjectError) -> bool {
    use aws_sdk_s3::error::ProvideErrorMetadata as _;
    error.code() == Some("NoSuchKey")
}

impl SignDownload for Objects {
    async fn sign_download(&self, bucket: Bucket, key: &str, seconds: u32) -> PortResult<String> {
        let name = self.bucket(bucket, SIGN_GET)?;
        let lasting = PresigningConfig::expires_in(Duration::from_secs(u64::from(seconds)));
        let lasting = lasting
            .map_err(|error| PortError::Broken { what: SIGN_GET, why: error.to_string() })?;
        let signed = self.client.get_object().bucket(name).key(key).presigned(lasting).await;
        Ok(signed.map_err(|error| port_error(SIGN_GET, error))?.uri().to_owned())
    }
}

impl SignUpload for Objects {
    async fn sign_upload(
        &self,
        member: &MemberId,
        photo: PhotoId,
        content_type: &'static str,
        bytes_max: u64,
        now: Timestamp,
    ) -> PortResult<UploadForm> {
        let broken = |why: &str| PortError::Broken { what: SIGN, why: why.into() };
        let bucket = self.bucket(Bucket::Quarantine, SIGN)?;
        let region = self.region.as_ref().ok_or_else(|| broken("no region is set"))?.as_ref();
        let provider = self.credentials.as_ref().ok_or_else(|| broken("no credentials are set"))?;
        let credentials = provider
            .provide_credentials()
            .await
            .map_err(|error| PortError::Unavailable { what: SIGN, source: error.into() })?;
        let expires_at = now
            .checked_add(FORM_MINUTES.minutes())
            .map_err(|_| broken("the clock is at its end"))?;

        let date = now.strftime("%Y%m%d");
        let credential = format!("{}/{date}/{region}/s3/aws4_request", credentials.access_key_id());
        let mut fields = vec![
            ("key".to_owned(), incoming_key(member, photo)),
            ("Content-Type".to_owned(), content_type.to_owned()),
            ("x-amz-algorithm".to_owned(), "AWS4-HMAC-SHA256".to_owned()),
            ("x-amz-credential".to_owned(), credential),
            ("x-amz-date".to_owned(), now.strftime("%Y%m%dT%H%M%SZ").to_string()),
        ];
        if let Some(token) = credentials.session_token() {
            fields.push(("x-amz-security-token".to_owned(), token.to_owned()));
        }
        // Every field as it is, and a length: nothing else can be uploaded.
        let mut conditions = vec![
            json!({ "bucket": bucket }),
            // An empty file is no photo.
            json!(["content-length-range", 1, bytes_max]),
        ];
        conditions
            .extend(fields.iter().map(|(name, value)| json!(["eq", format!("${name}"), value])));
        let policy = json!({
            "expiration": expires_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "conditions": conditions,
        });
        let policy = STANDARD.encode(policy.to_string());
        let since_1970 =
            u64::try_from(now.as_second()).map_err(|_| broken("the clock is wrong"))?;
        let time = UNIX_EPOCH + Duration::from_secs(since_1970);
        let key = generate_signing_key(credentials.secret_access_key(), time, region, "s3");
        let signature = calculate_signature(key, policy.as_bytes());
        fields.push(("policy".to_owned(), policy));
        fields.push(("x-amz-signature".to_owned(), signature));
        let url = match &self.endpoint {
            Some(endpoint) => format!("{}/{bucket}", endpoint.trim_end_matches('/')),
            None => format!("https://{bucket}.s3.{region}.amazonaws.com/"),
        };
        Ok(UploadForm { url, fields, expires_at })
    }
}
