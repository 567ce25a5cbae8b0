//! Bundled fonts (`assets/fonts`), for the report's PDF and for the window where its own fonts end.

/// Files of the faces, in the order in which they are tried: the regular face, the bold one, then other scripts,
/// signs and emoji.
pub(crate) const FILES: [&[u8]; 10] = [
    include_bytes!("../assets/fonts/NotoSans-Regular.ttf"),
    include_bytes!("../assets/fonts/NotoSans-Bold.ttf"),
    include_bytes!("../assets/fonts/NotoSansArabic-Regular.ttf"),
    include_bytes!("../assets/fonts/NotoSansHebrew-Regular.ttf"),
    include_bytes!("../assets/fonts/NotoSansDevanagari-Regular.ttf"),
    include_bytes!("../assets/fonts/NotoSansThai-Regular.ttf"),
    include_bytes!("../assets/fonts/NotoSansCJKsc-Regular.otf"),
    include_bytes!("../assets/fonts/NotoSansMath-Regular.ttf"),
    include_bytes!("../assets/fonts/NotoSansSymbols2-Regular.ttf"),
    include_bytes!("../assets/fonts/NotoEmoji-Regular.ttf"),
];

/// Position of the bold face.
pub(crate) const BOLD: usize = 1;
