#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| stillhunt_fuzz::lines_bytes(bytes));
