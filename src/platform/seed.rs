//! A seed nobody chose.

/// A random seed, small enough to be read out. The only randomness of the app; the engine has
/// none of its own.
pub fn random() -> Option<u64> {
    let crypto = super::page::window()?.crypto().ok()?;
    let mut bytes = [0u8; 4];
    crypto.get_random_values_with_u8_array(&mut bytes).ok()?;
    Some(u64::from(u32::from_le_bytes(bytes) % 1_000_000))
}
