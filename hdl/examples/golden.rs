//! Writes `hdl/golden` anew: `cargo run --release -p galena-hdl --example golden`.

use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let files = galena_hdl::golden::golden()?;
    std::fs::create_dir_all(&folder)?;
    for entry in std::fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.file_name().is_none_or(|name| files.iter().all(|f| *name != *f.name)) {
            std::fs::remove_file(path)?;
        }
    }
    for file in &files {
        std::fs::write(folder.join(&file.name), &file.text)?;
    }
    println!("{} files in {}", files.len(), folder.display());
    Ok(())
}
