//! A text as an OpenAPI document: whatever it holds, it is read within its bounds or refused.

#![no_main]

use doorward_openapi::Document;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(document) = Document::read("openapi.yaml", text) {
        for operation in &document.operations {
            document.served_ids(operation);
        }
    }
});
