//! Random numbers that are the same in every run.

/// The generator SplitMix64: small, fast, and good enough to make up requests.
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `end`, without `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// True once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }

    pub fn bytes(&mut self, most: usize) -> Vec<u8> {
        let length = self.below(most + 1);
        (0..length).map(|_| self.next() as u8).collect()
    }

    /// Text of ASCII punctuation, letters, and now and then something else.
    pub fn text(&mut self, most: usize) -> String {
        let length = self.below(most + 1);
        (0..length)
            .map(|_| match self.below(12) {
                0 => *['é', 'ß', '\u{130}', '語', '\u{1f600}', '\u{202e}', '\u{feff}', '\u{301}']
                    .get(self.below(8))
                    .unwrap(),
                1 if self.once_in(8) => char::from(self.below(32) as u8),
                2..=4 => char::from(b"\"\\.:[]()$,-+/"[self.below(13)]),
                _ => char::from(32 + self.below(95) as u8),
            })
            .collect()
    }
}
