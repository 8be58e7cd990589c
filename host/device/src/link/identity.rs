//! Who is at the other end: a register map against the configs that this host knows.

use crate::{DeviceError, DeviceInfo};
use galena_target::kernel::ADDED;
use galena_target::register::{MAGIC, REGISTER_WORDS, hash_words, register_map};
use galena_target::{ABI_VERSION, CONFIGS, KERNELS, Kernel, REGISTERS, Register};

/// Reads the register map into `info`, or names the first register that this host does not agree with, and what to do.
pub(crate) fn identify(info: &mut DeviceInfo, map: &[u32; REGISTER_WORDS]) -> Result<(), DeviceError> {
    let built = built_from(map);
    let mismatch = |register: Register, expected: String, advice: String| {
        let found = shown(register, register.of(map));
        Err(DeviceError::Mismatch { register: register.row().name, expected, found, advice })
    };
    if Register::Magic.word(map) != MAGIC {
        return mismatch(Register::Magic, format!("{MAGIC:#x}"), "what answers is not a Galena device".into());
    }
    let abi = Register::AbiVersion.word(map);
    if abi != ABI_VERSION {
        let advice = match abi < ABI_VERSION {
            true => format!("build its bitstream again from the sources of this host and load it ({built})"),
            false => format!("build this host again from the sources of its bitstream ({built})"),
        };
        return mismatch(Register::AbiVersion, ABI_VERSION.to_string(), advice);
    }
    let hash = Register::ConfigHash.of(map);
    let Some(config) = CONFIGS.iter().find(|config| hash_words(&config.config_hash()) == hash) else {
        let name = |c: &galena_target::Config| format!("{} `{}`", &hex(&hash_words(&c.config_hash()))[..8], c.name);
        let known = CONFIGS.iter().map(name).collect::<Vec<_>>().join(", ");
        let advice =
            format!("load the bitstream of one of them, or build this host from the sources of its own ({built})");
        return mismatch(Register::ConfigHash, known, advice);
    };
    let known = register_map(config);
    for row in REGISTERS.iter().filter(|row| row.register.fixed()) {
        let expected = row.register.of(&known);
        if expected != row.register.of(map) && !(row.register == Register::Kernels && lacks_added(&known, map)) {
            let advice = format!(
                "it says that it is `{}` and is not: build its bitstream again from the sources of this host and load it ({built})",
                config.name
            );
            return mismatch(row.register, shown(row.register, expected), advice);
        }
    }
    let git = Register::GitHash.of(map);
    info.config = Some(config.name.to_string());
    info.config_hash = hex(hash);
    info.git_hash = if git.iter().all(|&word| word == 0) { String::new() } else { hex(git) };
    info.dirty = Register::Dirty.word(map) != 0;
    info.limits = config.limits();
    let has = |kernel: &Kernel| Register::Kernels.word(map) & kernel.bit() != 0;
    info.kernels = KERNELS.iter().map(|row| row.kernel).filter(has).collect();
    info.lanes = config.lanes as u64;
    info.hasher_multipliers = config.multipliers as u64;
    info.clock_hz = config.clock_hz;
    info.window = config.window;
    Ok(())
}

/// The device lacks kernels that were added after it was built, and is right otherwise.
fn lacks_added(known: &[u32; REGISTER_WORDS], map: &[u32; REGISTER_WORDS]) -> bool {
    let [known, found] = [known, map].map(|map| Register::Kernels.word(map));
    found & !known == 0 && known & !found & !ADDED == 0
}

/// The device that was opened is still the one that answers.
pub(crate) fn same(info: &DeviceInfo, map: &[u32; REGISTER_WORDS]) -> Result<(), DeviceError> {
    let mut now = info.clone();
    identify(&mut now, map)?;
    match now == *info {
        true => Ok(()),
        false => {
            let build = |info: &DeviceInfo| {
                let config = info.config.as_deref().unwrap_or("?");
                let git = if info.git_hash.is_empty() { "an unrecorded commit" } else { &info.git_hash };
                format!("`{config}` of {git}{}", if info.dirty { ", modified" } else { "" })
            };
            let (expected, found) = (build(info), build(&now));
            let advice = "another bitstream was loaded since it was opened: open it again".into();
            Err(DeviceError::Mismatch { register: Register::ConfigHash.row().name, expected, found, advice })
        }
    }
}

fn hex(words: &[u32]) -> String {
    words.iter().map(|word| format!("{word:08x}")).collect()
}

/// A register's value for people: hashes in hex, as they are written elsewhere; numbers in decimal.
fn shown(register: Register, words: &[u32]) -> String {
    match (register, words) {
        (Register::Magic | Register::Kernels, [word]) => format!("{word:#x}"),
        (_, [word]) => word.to_string(),
        _ => hex(words),
    }
}

/// Which sources a device says it was built from.
fn built_from(map: &[u32; REGISTER_WORDS]) -> String {
    let git = Register::GitHash.of(map);
    let modified = if Register::Dirty.word(map) != 0 { ", modified" } else { "" };
    match git.iter().all(|&word| word == 0) {
        true => "it does not say from which commit it was built".into(),
        false => format!("it was built from commit {}{modified}", &hex(git)[..12]),
    }
}
