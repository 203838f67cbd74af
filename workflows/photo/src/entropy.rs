//! Follows the Huffman-coded data of a JPEG to its last bit.
//!
//! Decoders go on with zeros when a scan's data ends early, so that a photo that
//! lost its lower half on the way decodes without an error, half of it grey. The
//! end-of-image marker proves nothing either: it can stand right behind the
//! loss. So this reads every scan as a decoder would, but keeps only what it
//! needs to know where the next code begins: for the refining scans of a
//! progressive file, which coefficients aren't zero, one bit each.

use crate::Refusal;

/// Coefficients of a block of 8 × 8 samples.
const BLOCK: u8 = 64;
/// Codes up to this length are found in one step.
const LOOKUP_BITS: u32 = 9;
const LOOKUP_SIZE: usize = 1 << LOOKUP_BITS;
const CODE_BITS_MAX: usize = 16;

fn damaged(what: &str) -> Refusal {
    Refusal::undecodable(what)
}

/// A Huffman table, as a DHT segment defines it.
#[derive(Clone)]
pub(crate) struct Huffman {
    /// For the next nine bits: length of the code in the upper byte, its symbol
    /// in the lower one; 0 when the code is longer.
    lookup: Vec<u16>,
    /// For each length, one more than its largest code; 0 when it has none.
    code_end: [u32; CODE_BITS_MAX + 1],
    /// For each length, its first code.
    code_start: [u32; CODE_BITS_MAX + 1],
    /// For each length, where its symbols begin.
    symbol_start: [usize; CODE_BITS_MAX + 1],
    symbols: Vec<u8>,
}

impl Huffman {
    /// `counts` holds the number of codes of each length from 1 to 16.
    pub(crate) fn new(counts: &[u8], symbols: &[u8]) -> Result<Self, Refusal> {
        let mut table = Self {
            lookup: vec![0; LOOKUP_SIZE],
            code_end: [0; CODE_BITS_MAX + 1],
            code_start: [0; CODE_BITS_MAX + 1],
            symbol_start: [0; CODE_BITS_MAX + 1],
            symbols: symbols.to_vec(),
        };
        let mut code: u32 = 0;
        let mut next = 0;
        let lengths = table.code_end.iter_mut().zip(&mut table.code_start);
        let lengths = lengths.zip(&mut table.symbol_start).skip(1).zip(counts).zip(1_u32..);
        for ((((end, start), symbol_start), count), length) in lengths {
            (*start, *symbol_start) = (code, next);
            for _ in 0..*count {
                let symbol = *symbols.get(next).ok_or_else(|| damaged("a bad Huffman table"))?;
                if code >= 1 << length {
                    return Err(damaged("a bad Huffman table"));
                }
                if let Some(free) = LOOKUP_BITS.checked_sub(length) {
                    let (from, to) = ((code << free) as usize, ((code + 1) << free) as usize);
                    let entry = u16::try_from(length << 8).unwrap_or(0) | u16::from(symbol);
                    if let Some(slots) = table.lookup.get_mut(from..to) {
                        slots.fill(entry);
                    }
                }
                code += 1;
                next += 1;
            }
            if *count > 0 {
                *end = code;
            }
            code <<= 1;
        }
        Ok(table)
    }
}

/// One component of the picture.
pub(crate) struct Component {
    pub(crate) id: u8,
    /// Sampling factors, 1 to 4.
    pub(crate) h: usize,
    pub(crate) v: usize,
    /// Blocks that show something of the picture.
    pub(crate) columns: usize,
    pub(crate) rows: usize,
    /// Blocks in a row when the last group of blocks is filled up.
    pub(crate) stride: usize,
    /// Whether its scan, or in a progressive file its first one, was there.
    pub(crate) seen: bool,
    /// For each block, which coefficients aren't zero. Progressive files only.
    nonzero: Vec<u64>,
}

impl Component {
    pub(crate) fn new(id: u8, h: usize, v: usize) -> Self {
        Self { id, h, v, columns: 0, rows: 0, stride: 0, seen: false, nonzero: Vec::new() }
    }
}

/// The picture's geometry, as its SOF segment defines it.
pub(crate) struct Frame {
    pub(crate) progressive: bool,
    pub(crate) components: Vec<Component>,
    /// Groups of blocks (MCUs) of an interleaved scan.
    pub(crate) mcu_columns: usize,
    pub(crate) mcu_rows: usize,
}

impl Frame {
    pub(crate) fn new(
        progressive: bool,
        width: u32,
        height: u32,
        mut components: Vec<Component>,
    ) -> Self {
        let h_max = components.iter().map(|component| component.h).max().unwrap_or(1);
        let v_max = components.iter().map(|component| component.v).max().unwrap_or(1);
        let (width, height) = (width as usize, height as usize);
        let mcu_columns = width.div_ceil(8 * h_max);
        let mcu_rows = height.div_ceil(8 * v_max);
        for component in &mut components {
            component.columns = (width * component.h).div_ceil(h_max).div_ceil(8);
            component.rows = (height * component.v).div_ceil(v_max).div_ceil(8);
            component.stride = mcu_columns * component.h;
        }
        Self { progressive, components, mcu_columns, mcu_rows }
    }
}

/// A scan, as its SOS segment defines it.
pub(crate) struct Scan {
    /// Index of the component, its DC table and its AC table.
    pub(crate) parts: Vec<(usize, usize, usize)>,
    pub(crate) spectral_start: u8,
    pub(crate) spectral_end: u8,
    pub(crate) approximation_high: u8,
}

/// The tables in force.
#[derive(Default)]
pub(crate) struct Tables {
    pub(crate) dc: [Option<Huffman>; 4],
    pub(crate) ac: [Option<Huffman>; 4],
    /// Groups of blocks between restart markers; 0 when there are none.
    pub(crate) restart_interval: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Pass {
    /// Whole blocks.
    Sequential,
    DcFirst,
    DcRefine,
    AcFirst,
    AcRefine,
}

/// Reads a scan at the start of `data`, to its end. Answers how many bytes of
/// `data` belong to it.
pub(crate) fn follow(
    data: &[u8],
    frame: &mut Frame,
    scan: &Scan,
    tables: &Tables,
) -> Result<usize, Refusal> {
    let pass = pass(frame, scan)?;
    for &(index, _, _) in &scan.parts {
        let component =
            frame.components.get_mut(index).ok_or_else(|| damaged("a scan of nothing"))?;
        match pass {
            // Once is all: a second time would overwrite the first.
            Pass::Sequential | Pass::DcFirst if component.seen => {
                return Err(damaged("a scan twice"));
            }
            Pass::Sequential | Pass::DcFirst => component.seen = true,
            _ if !component.seen => return Err(damaged("scans out of order")),
            Pass::AcFirst | Pass::AcRefine if component.nonzero.is_empty() => {
                component.nonzero = vec![0; component.stride * component.rows];
            }
            _ => {}
        }
    }

    let mut walk = Walk { bits: Bits::new(data), pass, scan, end_of_band_run: 0 };
    let mut restarts = Restarts { interval: tables.restart_interval, left: 0, next: 0 };
    restarts.left = restarts.interval;

    // A single component isn't interleaved: its blocks follow one another, and
    // those that only fill up the last group are left out.
    if let [(index, dc, ac)] = *scan.parts.as_slice() {
        let component =
            frame.components.get_mut(index).ok_or_else(|| damaged("a scan of nothing"))?;
        let (dc, ac) = (table(&tables.dc, dc), table(&tables.ac, ac));
        for row in 0..component.rows {
            for column in 0..component.columns {
                restarts.before_mcu(&mut walk)?;
                walk.block(component.nonzero.get_mut(row * component.stride + column), dc, ac)?;
            }
        }
    } else {
        // Only whole blocks and DC coefficients can be interleaved, and neither
        // needs to know where it is.
        let mut blocks = Vec::new();
        for &(index, dc, ac) in &scan.parts {
            let component =
                frame.components.get(index).ok_or_else(|| damaged("a scan of nothing"))?;
            let part = (table(&tables.dc, dc), table(&tables.ac, ac));
            blocks.extend(std::iter::repeat_n(part, component.h * component.v));
        }
        for _ in 0..frame.mcu_columns * frame.mcu_rows {
            restarts.before_mcu(&mut walk)?;
            for &(dc, ac) in &blocks {
                walk.block(None, dc, ac)?;
            }
        }
    }
    Ok(walk.bits.position)
}

fn table(tables: &[Option<Huffman>; 4], index: usize) -> Option<&Huffman> {
    tables.get(index)?.as_ref()
}

fn pass(frame: &Frame, scan: &Scan) -> Result<Pass, Refusal> {
    if !frame.progressive {
        return Ok(Pass::Sequential);
    }
    let first = scan.approximation_high == 0;
    match (scan.spectral_start, scan.spectral_end) {
        (0, 0) => Ok(if first { Pass::DcFirst } else { Pass::DcRefine }),
        (1.., end) if scan.spectral_start <= end && end < BLOCK && scan.parts.len() == 1 => {
            Ok(if first { Pass::AcFirst } else { Pass::AcRefine })
        }
        _ => Err(damaged("an impossible scan")),
    }
}

struct Restarts {
    interval: usize,
    left: usize,
    next: u8,
}

impl Restarts {
    fn before_mcu(&mut self, walk: &mut Walk<'_>) -> Result<(), Refusal> {
        if self.interval == 0 {
            return Ok(());
        }
        if self.left == 0 {
            walk.bits.restart(self.next)?;
            walk.end_of_band_run = 0;
            self.next = (self.next + 1) % 8;
            self.left = self.interval;
        }
        self.left -= 1;
        Ok(())
    }
}

struct Walk<'a> {
    bits: Bits<'a>,
    pass: Pass,
    scan: &'a Scan,
    /// Blocks of which nothing more follows in this band.
    end_of_band_run: u32,
}

impl Walk<'_> {
    fn block(
        &mut self,
        nonzero: Option<&mut u64>,
        dc: Option<&Huffman>,
        ac: Option<&Huffman>,
    ) -> Result<(), Refusal> {
        match self.pass {
            Pass::Sequential => {
                self.dc(dc)?;
                self.ac_sequential(ac)
            }
            Pass::DcFirst => self.dc(dc),
            Pass::DcRefine => self.bits.skip(1),
            Pass::AcFirst => {
                let nonzero = nonzero.ok_or_else(|| damaged("a scan outside the picture"))?;
                self.ac_first(nonzero, ac)
            }
            Pass::AcRefine => {
                let nonzero = nonzero.ok_or_else(|| damaged("a scan outside the picture"))?;
                self.ac_refine(nonzero, ac)
            }
        }
    }

    fn dc(&mut self, table: Option<&Huffman>) -> Result<(), Refusal> {
        let size = self.bits.symbol(table)?;
        if size > 15 {
            return Err(damaged("an impossible brightness"));
        }
        self.bits.skip(u32::from(size))
    }

    fn ac_sequential(&mut self, table: Option<&Huffman>) -> Result<(), Refusal> {
        let mut at = 1;
        while at < BLOCK {
            let (run, size) = self.run_and_size(table)?;
            match (run, size) {
                (15, 0) => at += 16,
                (_, 0) => return Ok(()),
                _ => {
                    at += run + 1;
                    self.bits.skip(u32::from(size))?;
                }
            }
        }
        if at > BLOCK { Err(damaged("a block that is too long")) } else { Ok(()) }
    }

    fn ac_first(&mut self, nonzero: &mut u64, table: Option<&Huffman>) -> Result<(), Refusal> {
        if self.end_of_band_run > 0 {
            self.end_of_band_run -= 1;
            return Ok(());
        }
        let mut at = self.scan.spectral_start;
        while at <= self.scan.spectral_end {
            let (run, size) = self.run_and_size(table)?;
            match (run, size) {
                (15, 0) => at += 16,
                (_, 0) => {
                    // This block is the first of the run.
                    self.end_of_band_run = self.run_length(run)? - 1;
                    return Ok(());
                }
                _ => {
                    at += run;
                    if at > self.scan.spectral_end {
                        return Err(damaged("a block that is too long"));
                    }
                    *nonzero |= 1 << at;
                    self.bits.skip(u32::from(size))?;
                    at += 1;
                }
            }
        }
        Ok(())
    }

    fn ac_refine(&mut self, nonzero: &mut u64, table: Option<&Huffman>) -> Result<(), Refusal> {
        let end = self.scan.spectral_end;
        let mut at = self.scan.spectral_start;
        if self.end_of_band_run == 0 {
            while at <= end {
                let (run, size) = self.run_and_size(table)?;
                match (run, size) {
                    (0..15, 0) => {
                        self.end_of_band_run = self.run_length(run)?;
                        break;
                    }
                    (15, 0) => {}
                    // The sign of a coefficient that is no longer zero.
                    (_, 1) => self.bits.skip(1)?,
                    _ => return Err(damaged("an impossible refinement")),
                }
                // Over `run` zeros, with one bit for each other coefficient on
                // the way.
                let mut zeros_left = run;
                while at <= end {
                    if *nonzero >> at & 1 == 1 {
                        self.bits.skip(1)?;
                    } else if zeros_left == 0 {
                        break;
                    } else {
                        zeros_left -= 1;
                    }
                    at += 1;
                }
                if size == 1 {
                    if at > end {
                        return Err(damaged("a block that is too long"));
                    }
                    *nonzero |= 1 << at;
                }
                at += 1;
            }
        }
        if self.end_of_band_run > 0 {
            while at <= end {
                self.bits.skip(u32::from(*nonzero >> at & 1 == 1))?;
                at += 1;
            }
            self.end_of_band_run -= 1;
        }
        Ok(())
    }

    fn run_and_size(&mut self, table: Option<&Huffman>) -> Result<(u8, u8), Refusal> {
        let symbol = self.bits.symbol(table)?;
        Ok((symbol >> 4, symbol & 15))
    }

    /// At least 1.
    fn run_length(&mut self, exponent: u8) -> Result<u32, Refusal> {
        Ok((1 << exponent) + self.bits.take(u32::from(exponent))?)
    }
}

/// The bits of a scan, up to the next marker.
struct Bits<'a> {
    data: &'a [u8],
    /// Of the next byte to load.
    position: usize,
    /// Loaded bits, the next one topmost, zeros below.
    loaded: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    fn new(data: &'a [u8]) -> Self {
        Self { data, position: 0, loaded: 0, count: 0 }
    }

    /// Loads what fits, but nothing from a marker on.
    fn load(&mut self) {
        while self.count <= 56 {
            let Some(&byte) = self.data.get(self.position) else { return };
            if byte == 0xFF {
                // A data byte of this value is followed by a zero.
                if self.data.get(self.position + 1) != Some(&0) {
                    return;
                }
                self.position += 1;
            }
            self.position += 1;
            self.loaded |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
    }

    /// Drops bits that are there. When they aren't, the scan is cut short.
    fn skip(&mut self, bits: u32) -> Result<(), Refusal> {
        if self.count < bits {
            self.load();
            if self.count < bits {
                return Err(Refusal::Truncated);
            }
        }
        self.loaded <<= bits;
        self.count -= bits;
        Ok(())
    }

    /// At most 16 bits.
    fn take(&mut self, bits: u32) -> Result<u32, Refusal> {
        self.load();
        let value = if bits == 0 { 0 } else { self.loaded >> (64 - bits) };
        self.skip(bits)?;
        Ok(u32::try_from(value).unwrap_or(0))
    }

    fn symbol(&mut self, table: Option<&Huffman>) -> Result<u8, Refusal> {
        let table = table.ok_or_else(|| damaged("a missing Huffman table"))?;
        if self.count < 16 {
            self.load();
        }
        let index = (self.loaded >> (64 - LOOKUP_BITS)) as usize;
        let entry = table.lookup.get(index).copied().unwrap_or(0);
        if entry != 0 {
            self.skip(u32::from(entry >> 8))?;
            return Ok((entry & 0xFF) as u8);
        }
        let longer = table.code_end.iter().zip(&table.code_start).zip(&table.symbol_start);
        for (((end, start), symbol_start), length) in longer.zip(0_u32..).skip(10) {
            let code = u32::try_from(self.loaded >> (64 - length)).unwrap_or(u32::MAX);
            if (*start..*end).contains(&code) {
                self.skip(length)?;
                return table
                    .symbols
                    .get(symbol_start + (code - start) as usize)
                    .copied()
                    .ok_or_else(|| damaged("a bad Huffman table"));
            }
        }
        // Fewer than 16 bits were left and no code is among them.
        if self.count < 16 { Err(Refusal::Truncated) } else { Err(damaged("an unknown code")) }
    }

    /// Goes over a restart marker, which begins on a byte.
    fn restart(&mut self, number: u8) -> Result<(), Refusal> {
        self.load();
        if self.count >= 8 {
            return Err(damaged("a restart marker in the wrong place"));
        }
        (self.loaded, self.count) = (0, 0);
        // Any number of fill bytes may stand before a marker.
        while self.data.get(self.position + 1) == Some(&0xFF) {
            self.position += 1;
        }
        match self.data.get(self.position + 1) {
            Some(marker) if *marker == 0xD0 + number => {
                self.position += 2;
                Ok(())
            }
            Some(0xD0..=0xD7) => Err(damaged("a missing restart marker")),
            _ => Err(Refusal::Truncated),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One code of each length from 1 to 16, so that both ways of looking up are
    /// taken: 0, 10, 110, …
    fn ladder() -> Huffman {
        let symbols: Vec<u8> = (1..=16).collect();
        Huffman::new(&[1; 16], &symbols).unwrap()
    }

    #[test]
    fn codes_of_every_length_are_found() {
        let table = ladder();
        for length in 1_u32..=16 {
            let code = (0xFFFF_u32 << 1 << (16 - length)) & 0xFFFF;
            let bytes = [(code >> 8) as u8, (code & 0xFF) as u8];
            // A data byte of 0xFF is followed by a zero.
            let mut data = Vec::new();
            for byte in bytes {
                data.push(byte);
                if byte == 0xFF {
                    data.push(0);
                }
            }
            let mut bits = Bits::new(&data);
            assert_eq!(u32::from(bits.symbol(Some(&table)).unwrap()), length);
            assert_eq!(bits.count, 16 - length);
        }
    }

    #[test]
    fn an_oversubscribed_table_is_refused() {
        let mut counts = [0; 16];
        counts[0] = 3;
        assert!(Huffman::new(&counts, &[1, 2, 3]).is_err());
    }

    #[test]
    fn bits_end_at_a_marker() {
        let mut bits = Bits::new(&[0xAB, 0xFF, 0x00, 0xFF, 0xD9, 0xAB]);
        assert_eq!(bits.take(16), Ok(0xABFF));
        assert_eq!(bits.skip(1), Err(Refusal::Truncated));
        assert_eq!(bits.position, 3);
    }

    #[test]
    fn a_restart_marker_has_its_number() {
        let read = |data: &[u8]| {
            let mut bits = Bits::new(data);
            bits.take(4)?;
            bits.restart(2)
        };
        assert_eq!(read(&[0xAF, 0xFF, 0xD2, 0]), Ok(()));
        assert_eq!(read(&[0xAF, 0xFF, 0xFF, 0xD2, 0]), Ok(()));
        assert_eq!(read(&[0xAF, 0xFF, 0xD3]), Err(damaged("a missing restart marker")));
        assert_eq!(read(&[0xAF, 0xFF, 0xD9]), Err(Refusal::Truncated));
        assert_eq!(read(&[0xAF]), Err(Refusal::Truncated));
        let early = damaged("a restart marker in the wrong place");
        assert_eq!(read(&[0xAF, 0xAF, 0xFF, 0xD2]), Err(early));
    }
}
