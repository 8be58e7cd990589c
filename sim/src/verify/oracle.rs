//! What a job must answer, computed with the integer models (which their own crate compares with Plonky3).

use galena_hdl::grind::model::{Answer, Search, search as search_model};
use galena_hdl::lde::model as lde;
use galena_hdl::poseidon2::Parameters;
use galena_hdl::poseidon2::model::{Digest, sponge, tree};
use galena_target::frame::{CHUNK_WORDS, COMMAND_WORDS, Tag};
use galena_target::{Kernel, Shape};

/// A chunk: tag and eight words.
pub type Chunk = [u32; CHUNK_WORDS];

/// All chunks of a job, in order of their tags.
pub fn chunks(shape: &Shape, command: &[u32; COMMAND_WORDS], data: &[u32]) -> Vec<Chunk> {
    if shape.kernel == Kernel::Grind {
        return vec![answer(shape, command)];
    }
    let beats = beats(shape, command, data);
    let mut out = vec![];
    if shape.rows_return() {
        out.extend(beats.iter().enumerate().map(|(k, beat)| {
            let group = (k / shape.height()) as u16;
            chunk(Tag { digest: false, group, index: (k % shape.height()) as u32 }, beat)
        }));
    }
    if shape.kernel.row().compresses {
        let parameters = Parameters::width_16();
        let leaves: Vec<Digest> = match shape.kernel {
            Kernel::Tree => beats,
            _ => (0..shape.height()).map(|row| sponge(&parameters, &absorbed(shape, &beats, row))).collect(),
        };
        let levels = tree(&parameters, &leaves, shape.levels);
        for level in shape.digest_levels() {
            out.extend(
                levels[level].iter().enumerate().map(|(index, digest)| {
                    chunk(Tag { digest: true, group: level as u16, index: index as u32 }, digest)
                }),
            );
        }
    }
    out.sort();
    out
}

/// The one chunk of a search.
fn answer(shape: &Shape, command: &[u32; COMMAND_WORDS]) -> Chunk {
    let state = std::array::from_fn(|k| command[8 + k]);
    let galena_target::Search { bits, first, candidates } = shape.search;
    let search = Search { state, place: shape.columns - 1, bits, first, candidates };
    let Answer { found, witness, value, .. } = search_model(&Parameters::width_16(), &search);
    let words = [u32::from(found), witness, value, 0, 0, 0, 0, 0];
    chunk(Tag { digest: false, group: 0, index: 0 }, &words)
}

fn chunk(tag: Tag, words: &[u32; 8]) -> Chunk {
    std::array::from_fn(|k| if k == 0 { tag.word() } else { words[k - 1] })
}

/// The rows of every group, group after group: of the extension, or as they came.
fn beats(shape: &Shape, command: &[u32; COMMAND_WORDS], data: &[u32]) -> Vec<[u32; 8]> {
    if !shape.kernel.row().transforms {
        return data.as_chunks::<8>().0.to_vec();
    }
    let seeds = std::array::from_fn(|k| command[8 + k]);
    let size = lde::Shape { log_rows: shape.log_rows, log_blowup: shape.log_blowup, seeds, step: command[4] };
    lde::transform(&size, data)
}

/// The words of one row that the sponge takes: those of the columns there are.
fn absorbed(shape: &Shape, beats: &[[u32; 8]], row: usize) -> Vec<u32> {
    let groups = beats.iter().skip(row).step_by(shape.height());
    groups.flatten().copied().take(shape.columns).collect()
}
