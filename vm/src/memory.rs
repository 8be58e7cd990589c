//! Sparse memory of 2^28 words in pages; absent pages read as zero and cost nothing.

use crate::record::ADDRESS_LIMIT;

const PAGE_BITS: u32 = 10;
const PAGE_WORDS: usize = 1 << PAGE_BITS;
const PAGES: usize = (ADDRESS_LIMIT as usize / 4) >> PAGE_BITS;

/// Words of type `T` at word-aligned byte addresses below `ADDRESS_LIMIT`. Addresses are the caller's to check: higher bits are ignored.
pub(crate) struct Memory<T> {
    /// Position in `pages` of each page. Zero is the shared zero page, which is never written.
    page_of: Vec<u32>,
    pages: Vec<Box<[T; PAGE_WORDS]>>,
}

impl<T: Copy + Default> Memory<T> {
    pub(crate) fn new() -> Self {
        Self { page_of: vec![0; PAGES], pages: vec![Box::new([T::default(); PAGE_WORDS])] }
    }

    #[inline(always)]
    fn split(addr: u32) -> (usize, usize) {
        ((addr >> (PAGE_BITS + 2)) as usize % PAGES, (addr >> 2) as usize % PAGE_WORDS)
    }

    #[inline(always)]
    pub(crate) fn get(&self, addr: u32) -> T {
        let (page, word) = Self::split(addr);
        self.pages[self.page_of[page] as usize][word]
    }

    #[inline(always)]
    pub(crate) fn get_mut(&mut self, addr: u32) -> &mut T {
        let (page, word) = Self::split(addr);
        let mut position = self.page_of[page];
        if position == 0 {
            position = self.add_page(page);
        }
        &mut self.pages[position as usize][word]
    }

    #[cold]
    #[inline(never)]
    fn add_page(&mut self, page: usize) -> u32 {
        let position = self.pages.len() as u32; // at most PAGES + 1
        self.pages.push(Box::new([T::default(); PAGE_WORDS]));
        self.page_of[page] = position;
        position
    }

    /// Every word of every page that was ever written, with its byte address, by ascending address.
    pub(crate) fn words(&self) -> impl Iterator<Item = (u32, T)> {
        self.page_of.iter().enumerate().filter(|&(_, &position)| position != 0).flat_map(|(page, &position)| {
            let base = (page as u32) << (PAGE_BITS + 2);
            self.pages[position as usize].iter().enumerate().map(move |(word, &value)| (base + 4 * word as u32, value))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_words_are_zero_and_pages_are_apart() {
        let mut memory = Memory::<u32>::new();
        assert_eq!(memory.get(ADDRESS_LIMIT - 4), 0);
        for addr in [0, 4096, 4092, ADDRESS_LIMIT - 4] {
            *memory.get_mut(addr) = addr + 1;
        }
        let written: Vec<_> = memory.words().filter(|&(_, value)| value != 0).collect();
        assert_eq!(written, [(0, 1), (4092, 4093), (4096, 4097), (ADDRESS_LIMIT - 4, ADDRESS_LIMIT - 3)]);
        assert_eq!(memory.get(8), 0);
        assert_eq!(memory.pages.len(), 4, "the shared zero page and three that were written");
    }
}
