//! The wire of Rekognition, and the real model behind it.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{Local, client, fixture, signed_for};

const TARGET: &str = "RekognitionService.DetectModerationLabels";

impl Local {
    async fn try_detect(&self, input: &Value) -> reqwest::Result<(u16, Value)> {
        let response = client()
            .post(&self.addresses().rekognition)
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", TARGET)
            .header("authorization", signed_for("rekognition"))
            .body(input.to_string())
            .send()
            .await?;
        assert_eq!(response.headers()["content-type"], "application/x-amz-json-1.1");
        assert!(response.headers().contains_key("x-amzn-requestid"));
        let status = response.status().as_u16();
        Ok((status, response.json().await?))
    }

    async fn detect(&self, input: &Value) -> (u16, Value) {
        self.try_detect(input).await.unwrap()
    }

    async fn judge(&self, file: &[u8]) -> Value {
        let (status, answer) = self.detect(&bytes(file)).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// The status and `__type` of a refusal.
    async fn refusal(&self, input: &Value) -> (u16, String) {
        let (status, answer) = self.detect(input).await;
        assert!(answer["Message"].as_str().is_some_and(|message| !message.is_empty()), "{answer}");
        (status, answer["__type"].as_str().expect("a __type").to_owned())
    }
}

fn bytes(file: &[u8]) -> Value {
    json!({ "Image": { "Bytes": STANDARD.encode(file) } })
}

fn object(name: &str) -> Value {
    json!({ "Image": { "S3Object": { "Bucket": "quarantine", "Name": name } } })
}

fn names(answer: &Value) -> Vec<&str> {
    let labels = answer["ModerationLabels"].as_array().unwrap();
    labels.iter().map(|label| label["Name"].as_str().unwrap()).collect()
}

fn sha256(file: &[u8]) -> String {
    hex::encode(Sha256::digest(file))
}

#[tokio::test]
async fn photos_get_the_answers_they_should() {
    let local = Local::start().await;
    let explicit: &[&str] = &["Explicit", "Explicit Nudity"];
    let cases = [
        ("clean-coffee.jpg", &[][..], 0.0..=0.0),
        ("polyglot.jpg", &[][..], 0.0..=0.0),
        ("flagged-by-model.png", explicit, 94.0..=98.0),
        ("flagged-by-model.jpg", explicit, 94.0..=98.0),
        ("false-positive-cell.jpg", explicit, 59.0..=63.0),
    ];
    for (name, expected, confidence) in cases {
        let answer = local.judge(&fixture(name)).await;
        assert_eq!(names(&answer), expected, "{name}: {answer}");
        assert_eq!(answer["ModerationModelVersion"], "nsfwjs-4.4.0-mobilenet_v2-u8");
        for label in answer["ModerationLabels"].as_array().unwrap() {
            let found = label["Confidence"].as_f64().unwrap();
            assert!(confidence.contains(&found), "{name}: {found}");
        }
    }
}

#[tokio::test]
async fn a_label_comes_with_its_ancestors() {
    let local = Local::start().await;
    let mut answer = local.judge(&fixture("flagged-by-model.png")).await;
    for label in answer["ModerationLabels"].as_array_mut().unwrap() {
        assert!(label["Confidence"].is_f64());
        label["Confidence"] = json!(96);
    }
    assert_eq!(
        answer["ModerationLabels"],
        json!([
            { "Confidence": 96, "Name": "Explicit", "ParentName": "", "TaxonomyLevel": 1 },
            {
                "Confidence": 96,
                "Name": "Explicit Nudity",
                "ParentName": "Explicit",
                "TaxonomyLevel": 2,
            },
        ])
    );
}

#[tokio::test]
async fn labels_below_the_minimum_are_left_out() {
    let local = Local::start().await;
    let mut input = bytes(&fixture("false-positive-cell.jpg"));
    input["MinConfidence"] = json!(70);
    let (_, answer) = local.detect(&input).await;
    assert_eq!(names(&answer), [""; 0]);
    input["MinConfidence"] = json!(0);
    let (_, answer) = local.detect(&input).await;
    assert_eq!(
        names(&answer),
        [
            "Explicit",
            "Non-Explicit Nudity of Intimate parts and Kissing",
            "Explicit Nudity",
            "Non-Explicit Nudity",
        ]
    );
    for wrong in [-1, 101] {
        input["MinConfidence"] = json!(wrong);
        let refusal = local.refusal(&input).await;
        assert_eq!(refusal, (400, "InvalidParameterException".to_owned()), "{wrong}");
    }
}

#[tokio::test]
async fn what_is_no_photo_is_refused_by_name() {
    let local = Local::start().await;
    let small = {
        let mut png = std::io::Cursor::new(Vec::new());
        image::DynamicImage::new_rgb8(79, 300).write_to(&mut png, image::ImageFormat::Png).unwrap();
        png.into_inner()
    };
    let coffee = fixture("clean-coffee.jpg");
    let both = json!({ "Image": {
        "Bytes": STANDARD.encode(&coffee),
        "S3Object": { "Bucket": "quarantine", "Name": "x" },
    }});
    let mut with_adapter = bytes(&coffee);
    with_adapter["ProjectVersion"] = json!("arn:aws:rekognition:eu-west-1:1:project/x/version/y/1");
    let mut with_loop = bytes(&coffee);
    with_loop["HumanLoopConfig"] = json!({});
    let cases = [
        (bytes(&fixture("fake.jpg")), "InvalidImageFormatException"),
        (bytes(&fixture("trunc.jpg")), "InvalidImageFormatException"),
        (bytes(b"GIF89a"), "InvalidImageFormatException"),
        (bytes(&fixture("bomb_16k.png")), "ImageTooLargeException"),
        (bytes(&fixture("bomb_dims.png")), "ImageTooLargeException"),
        (bytes(&vec![0; 5 * 1024 * 1024 + 1]), "ImageTooLargeException"),
        (bytes(&vec![0; 12 * 1024 * 1024]), "ImageTooLargeException"),
        (bytes(&small), "InvalidParameterException"),
        (bytes(b""), "InvalidParameterException"),
        (json!({ "Image": {} }), "InvalidParameterException"),
        (json!({}), "InvalidParameterException"),
        (both, "InvalidParameterException"),
        (with_adapter, "InvalidParameterException"),
        (with_loop, "InvalidParameterException"),
        (
            json!({ "Image": { "S3Object": { "Bucket": "quarantine" } } }),
            "InvalidParameterException",
        ),
        (object("../public/photo.jpg"), "InvalidParameterException"),
        (json!({ "Image": { "Bytes": "***" } }), "SerializationException"),
        (json!({ "Image": 7 }), "SerializationException"),
    ];
    for (input, expected) in cases {
        let shown: String = input.to_string().chars().take(80).collect();
        assert_eq!(local.refusal(&input).await, (400, expected.to_owned()), "{shown}");
    }
    assert!(local.engine.seen().is_empty(), "nothing was fetched");
}

#[tokio::test]
async fn other_requests_are_refused() {
    let local = Local::start().await;
    let post = async |target: &str, authorization: Option<String>| {
        let mut request = client()
            .post(&local.addresses().rekognition)
            .header("x-amz-target", target)
            .body(bytes(&fixture("clean-coffee.jpg")).to_string());
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap()["__type"].clone())
    };
    let missing = json!("MissingAuthenticationTokenException");
    assert_eq!(post(TARGET, None).await, (400, missing.clone()));
    assert_eq!(post(TARGET, Some(signed_for("s3"))).await, (400, missing));
    assert_eq!(
        post("RekognitionService.DetectLabels", Some(signed_for("rekognition"))).await,
        (400, json!("UnknownOperationException"))
    );
}

#[tokio::test]
async fn objects_are_fetched_from_the_engine() {
    let local = Local::start().await;
    local.engine.put("/quarantine/a%20photo.png", "image/png", fixture("flagged-by-model.png"));
    let mut input = object("a photo.png");
    input["Image"]["S3Object"]["Version"] = json!("v1");
    let (status, answer) = local.detect(&input).await;
    assert_eq!((status, names(&answer)), (200, vec!["Explicit", "Explicit Nudity"]));

    let seen = local.engine.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].path_and_query, "/quarantine/a%20photo.png?versionId=v1");
    let authorization = seen[0].header("authorization").unwrap();
    assert!(authorization.contains("/eu-west-1/s3/aws4_request"), "{authorization}");
}

#[tokio::test]
async fn objects_may_be_larger_than_inline_images() {
    let local = Local::start().await;
    // Bytes behind a PNG's end are not the image's.
    let mut padded = fixture("flagged-by-model.png");
    padded.resize(14 * 1024 * 1024, 0);
    local.engine.put("/quarantine/large.png", "image/png", padded.clone());
    let (status, answer) = local.detect(&object("large.png")).await;
    assert_eq!((status, names(&answer)), (200, vec!["Explicit", "Explicit Nudity"]));

    padded.resize(15 * 1024 * 1024 + 1, 0);
    local.engine.put("/quarantine/larger.png", "image/png", padded.clone());
    local.engine.put_chunked("/quarantine/endless.png", padded);
    for name in ["larger.png", "endless.png"] {
        let refusal = local.refusal(&object(name)).await;
        assert_eq!(refusal, (400, "ImageTooLargeException".to_owned()), "{name}");
    }
}

#[tokio::test]
async fn objects_that_cannot_be_had_are_told_apart() {
    let local = Local::start().await;
    local.engine.put_status("/quarantine/forbidden.png", 403);
    local.engine.put_status("/quarantine/broken.png", 500);
    local.engine.put_answer("/quarantine/moved.png", 307, &[("location", "http://x.test/")], "");
    let cases = [
        ("missing.png", 400, "InvalidS3ObjectException"),
        ("forbidden.png", 400, "InvalidS3ObjectException"),
        ("moved.png", 400, "InvalidS3ObjectException"),
        ("broken.png", 500, "InternalServerError"),
    ];
    for (name, status, expected) in cases {
        assert_eq!(local.refusal(&object(name)).await, (status, expected.to_owned()), "{name}");
    }
    // Port 9 (discard) is not served on a loopback address.
    let alone = Local::start_with(|config| {
        config.engine_url = "http://127.0.0.1:9".parse().unwrap();
    })
    .await;
    let refusal = alone.refusal(&object("any.png")).await;
    assert_eq!(refusal, (500, "InternalServerError".to_owned()));
}

#[tokio::test]
async fn rules_add_labels_and_never_remove_them() {
    let dir = tempfile::tempdir().unwrap();
    let rules = dir.path().join("rules.json");
    let coffee = fixture("clean-coffee.jpg");
    let flagged = fixture("flagged-by-model.jpg");
    let write = |list: Value| std::fs::write(&rules, json!({ "rules": list }).to_string()).unwrap();
    write(json!([
        { "sha256": sha256(&coffee), "label": "Weapons", "confidence": 97.5 },
        { "sha256": sha256(&flagged), "label": "Gambling", "confidence": 80 },
        { "sha256": sha256(&flagged), "label": "Explicit Nudity", "confidence": 1 },
    ]));
    let local = Local::start_with(|config| config.rekognition_rules = Some(rules.clone())).await;

    let answer = local.judge(&coffee).await;
    assert_eq!(
        answer["ModerationLabels"],
        json!([
            { "Confidence": 97.5, "Name": "Violence", "ParentName": "", "TaxonomyLevel": 1 },
            {
                "Confidence": 97.5,
                "Name": "Weapons",
                "ParentName": "Violence",
                "TaxonomyLevel": 2,
            },
        ])
    );
    assert_eq!(answer["ModerationModelVersion"], "nsfwjs-4.4.0-mobilenet_v2-u8+rule");
    let answer = local.judge(&flagged).await;
    assert_eq!(names(&answer), ["Explicit", "Gambling", "Explicit Nudity"]);
    assert!(answer["ModerationLabels"][0]["Confidence"].as_f64().unwrap() > 90.0);

    write(json!([]));
    assert_eq!(names(&local.judge(&coffee).await), [""; 0], "the file is read again");
}

#[tokio::test]
async fn a_broken_rules_file_stops_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let rules = dir.path().join("rules.json");
    for content in
        [None, Some("{"), Some(r#"{"rules":[{"sha256":"00","label":"Violence","confidence":1}]}"#)]
    {
        if let Some(content) = content {
            std::fs::write(&rules, content).unwrap();
        }
        let s3 = seisiun_local::s3::S3::new(
            "http://127.0.0.1:9".parse().unwrap(),
            "eu-west-1".to_owned(),
            aws_credential_types::Credentials::new("test", "test", None, None, "test"),
        );
        let file = seisiun_local::watched::JsonFile::new(rules.clone());
        let router = seisiun_local::rekognition::router(s3.unwrap(), Some(file));
        assert!(router.is_err(), "{content:?}");
    }
}

#[tokio::test]
async fn faults_hit_as_many_calls_as_planned() {
    let local = Local::start().await;
    let url = local.addresses().rekognition.clone();
    let input = bytes(&fixture("clean-coffee.jpg"));
    let cases = [
        (json!({ "fault": "throttle", "calls": 2 }), 400, "ThrottlingException", 2),
        (json!({ "fault": "fail" }), 500, "InternalServerError", 1),
        (
            json!({ "fault": "error", "error": "ProvisionedThroughputExceededException" }),
            400,
            "ProvisionedThroughputExceededException",
            1,
        ),
        (
            json!({ "fault": "error", "error": "AccessDeniedException" }),
            400,
            "AccessDeniedException",
            1,
        ),
    ];
    for (fault, status, expected, calls) in cases {
        assert_eq!(local.fault(&url, fault).await, 201);
        for _ in 0..calls {
            assert_eq!(local.refusal(&input).await, (status, expected.to_owned()));
        }
        assert_eq!(local.detect(&input).await.0, 200, "{expected} is over");
    }

    assert_eq!(local.fault(&url, json!({ "fault": "lost_answer" })).await, 201);
    let lost = local.try_detect(&input).await.unwrap_err();
    assert!(!lost.is_timeout() && !lost.is_connect(), "{lost:?}");
    assert_eq!(local.detect(&input).await.0, 200);

    assert_eq!(local.fault(&url, json!({ "fault": "hang" })).await, 201);
    let hanging = tokio::time::timeout(Duration::from_millis(500), local.try_detect(&input)).await;
    assert!(hanging.is_err(), "{hanging:?}");
    assert_eq!(local.detect(&input).await.0, 200);
}

#[tokio::test]
async fn a_fault_may_be_for_one_object_only() {
    let local = Local::start().await;
    let url = local.addresses().rekognition.clone();
    for name in ["one.jpg", "two.jpg"] {
        let path = format!("/quarantine/{name}");
        local.engine.put(&path, "image/jpeg", fixture("clean-coffee.jpg"));
    }
    let fault = json!({ "fault": "throttle", "only": "two.jpg" });
    assert_eq!(local.fault(&url, fault.clone()).await, 201);
    assert_eq!(local.detect(&object("one.jpg")).await.0, 200);
    let listed: Value =
        client().get(format!("{url}/_local/faults")).send().await.unwrap().json().await.unwrap();
    assert_eq!(listed, json!([{ "fault": "throttle", "calls": 1, "only": "two.jpg" }]));
    assert_eq!(local.detect(&object("two.jpg")).await.0, 400);
    assert_eq!(local.detect(&object("two.jpg")).await.0, 200);

    assert_eq!(local.fault(&url, fault).await, 201);
    client().delete(format!("{url}/_local/faults")).send().await.unwrap();
    assert_eq!(local.detect(&object("two.jpg")).await.0, 200, "the fault is forgotten");
    assert_eq!(local.fault(&url, json!({ "fault": "error", "error": "Nonsense" })).await, 422);
    assert_eq!(local.fault(&url, json!({ "fault": "throttle", "calls": 0 })).await, 422);
}

#[test]
fn the_model_is_the_one_described() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let described = std::fs::read_to_string(folder.join("README.md")).unwrap();
    for name in ["mobilenet_v2.u8.onnx", "taxonomy-v7.json", "LICENSE.nsfwjs.txt"] {
        let hash = sha256(&std::fs::read(folder.join(name)).unwrap());
        let row = described.lines().find(|line| line.starts_with(&format!("| `{name}`"))).unwrap();
        assert!(row.contains(&hash), "{name} has {hash}");
    }
}
