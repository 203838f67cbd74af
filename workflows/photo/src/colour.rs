//! From whatever colours a photo is stored in to sRGB, which is what a browser
//! assumes of a file that says nothing.

use std::panic::catch_unwind;

use moxcms::{
    Chromaticity, CicpColorPrimaries, CicpProfile, ColorPrimaries, ColorProfile, DataColorSpace,
    Layout, MatrixCoefficients, ParsingOptions, ToneReprCurve, TransferCharacteristics,
    TransformOptions, XyY,
};

use crate::{Raster, Samples};

/// Profiles of printing presses are the largest, at about 4 MB.
const PROFILE_BYTES_MAX: usize = 8 * 1000 * 1000;

/// What a file says its numbers mean.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Colours {
    /// Nothing, or that they are sRGB.
    Srgb,
    /// An ICC profile, not yet looked at.
    Icc(Vec<u8>),
    /// Adobe RGB (1998), as a camera says it in EXIF.
    AdobeRgb,
    /// A PNG's `cICP` chunk: primaries and transfer by their numbers in
    /// ITU-T H.273.
    Cicp { primaries: u8, transfer: u8 },
    /// A PNG's `gAMA` chunk, and its `cHRM` chunk if it has one.
    Gamma { encoding: f64, chromaticities: Option<Chromaticities> },
}

/// The white point and the primaries of a `cHRM` chunk, each as x and y.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Chromaticities {
    pub(crate) white: (f64, f64),
    pub(crate) red: (f64, f64),
    pub(crate) green: (f64, f64),
    pub(crate) blue: (f64, f64),
}

/// RGB pixels in sRGB. A profile that is broken, or that is for another kind of
/// samples than the picture has, counts as absent.
pub(crate) fn to_srgb(raster: Raster, colours: &Colours) -> Raster {
    let converted = catch_unwind(|| {
        let profile = profile(colours)?;
        match (raster.samples, profile.color_space) {
            (Samples::Grey, DataColorSpace::Gray) => transformed(&raster, Layout::Gray, &profile),
            (Samples::Rgb, DataColorSpace::Rgb) => transformed(&raster, Layout::Rgb, &profile),
            (Samples::Cmyk, DataColorSpace::Cmyk) => transformed(&raster, Layout::Rgba, &profile),
            // Grey pixels of an RGB space: its greys.
            (Samples::Grey, DataColorSpace::Rgb) => {
                let rgb: Vec<u8> = raster.data.iter().flat_map(|grey| [*grey; 3]).collect();
                let rgb = Raster { samples: Samples::Rgb, data: rgb, ..raster };
                transformed(&rgb, Layout::Rgb, &profile)
            }
            _ => None,
        }
    });
    let data = match converted {
        Ok(Some(data)) => data,
        _ => naive(raster.samples, raster.data),
    };
    Raster { samples: Samples::Rgb, data, ..raster }
}

fn transformed(raster: &Raster, layout: Layout, profile: &ColorProfile) -> Option<Vec<u8>> {
    let srgb = ColorProfile::new_srgb();
    let transform = profile
        .create_transform_8bit(layout, &srgb, Layout::Rgb, TransformOptions::default())
        .ok()?;
    let mut data = vec![0; raster.data.len() / raster.samples.count() * 3];
    transform.transform(&raster.data, &mut data).ok()?;
    Some(data)
}

/// What is left to do without a profile.
fn naive(samples: Samples, data: Vec<u8>) -> Vec<u8> {
    match samples {
        Samples::Rgb => data,
        Samples::Grey => data.into_iter().flat_map(|grey| [grey; 3]).collect(),
        Samples::Cmyk => data
            .chunks_exact(4)
            .flat_map(|pixel| match *pixel {
                [c, m, y, k] => [c, m, y].map(|ink| product(255 - ink, 255 - k)),
                _ => [0; 3],
            })
            .collect(),
    }
}

/// The product of two fractions of 255, rounded.
pub(crate) fn product(a: u8, b: u8) -> u8 {
    u8::try_from((u32::from(a) * u32::from(b) + 127) / 255).unwrap_or(u8::MAX)
}

fn profile(colours: &Colours) -> Option<ColorProfile> {
    match colours {
        Colours::Srgb => None,
        Colours::Icc(icc) => {
            let options =
                ParsingOptions { max_profile_size: PROFILE_BYTES_MAX, ..ParsingOptions::default() };
            ColorProfile::new_from_slice_with_options(icc, options).ok()
        }
        Colours::AdobeRgb => Some(ColorProfile::new_adobe_rgb()),
        Colours::Cicp { primaries, transfer } => cicp(*primaries, *transfer),
        Colours::Gamma { encoding, chromaticities } => gamma(*encoding, *chromaticities),
    }
}

fn cicp(primaries: u8, transfer: u8) -> Option<ColorProfile> {
    let transfer_characteristics = TransferCharacteristics::try_from(transfer).ok()?;
    // High dynamic range needs tone mapping; clipping it would be worse than
    // showing it as it is.
    if matches!(
        transfer_characteristics,
        TransferCharacteristics::Smpte2084 | TransferCharacteristics::Hlg
    ) {
        return None;
    }
    Some(ColorProfile::new_from_cicp(CicpProfile {
        color_primaries: CicpColorPrimaries::try_from(primaries).ok()?,
        transfer_characteristics,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    }))
}

/// Most files with `gAMA` say what sRGB is nearly: 1/2.2. Those are sRGB, whose
/// curve isn't quite a power, and must not be changed.
const SRGB_ENCODING: std::ops::RangeInclusive<f64> = 0.44..=0.47;

fn gamma(encoding: f64, chromaticities: Option<Chromaticities>) -> Option<ColorProfile> {
    let mut profile = ColorProfile::new_srgb();
    let srgb_curve = SRGB_ENCODING.contains(&encoding);
    if !srgb_curve {
        // Beyond this nobody's photo is: such a file is broken.
        if !(0.1..=2.0).contains(&encoding) {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "a gamma needs no 53 bits")]
        let curve = ToneReprCurve::Parametric(vec![(1.0 / encoding) as f32]);
        profile.cicp = None;
        profile.red_trc = Some(curve.clone());
        profile.green_trc = Some(curve.clone());
        profile.blue_trc = Some(curve);
    }
    match chromaticities {
        Some(Chromaticities { white, red, green, blue }) => {
            #[expect(clippy::cast_possible_truncation, reason = "five decimal digits")]
            let point = |(x, y): (f64, f64)| Chromaticity { x: x as f32, y: y as f32 };
            let primaries =
                ColorPrimaries { red: point(red), green: point(green), blue: point(blue) };
            profile.update_rgb_colorimetry(XyY { x: white.0, y: white.1, yb: 1.0 }, primaries);
        }
        None if srgb_curve => return None,
        None => {}
    }
    Some(profile)
}
