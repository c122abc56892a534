#![doc = include_str!("../../pages/index.md")]

#[doc = include_str!("../../pages/second.md")]
pub mod second {}
