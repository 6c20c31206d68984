//! Marshalled values, as OCaml writes them.

use super::*;

/// Puts a small header before `data`.
fn small(data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x84, 0x95, 0xa6, 0xbe];
    bytes.extend((data.len() as u32).to_be_bytes());
    bytes.extend([0; 12]);
    bytes.extend(data);
    bytes
}

/// `("ab", ["ab" (shared); 300], -1)`, as `Marshal.to_string` writes it.
#[test]
fn blocks_strings_sharing_and_integers() {
    let bytes = small(&[0xb0, 0x22, b'a', b'b', 0xa0, 0x04, 2, 0xa0, 0x01, 1, 44, 0x40, 0x00, 0xff]);
    let (heap, root) = read(&bytes).expect("sound data");
    let fields = heap.record(root).expect("a triple").to_vec();
    assert_eq!(fields[0], Value::Str(b"ab"));
    assert_eq!(heap.list(fields[1]), Some(vec![Value::Str(b"ab"), Value::Int(300)]));
    assert_eq!(fields[2], Value::Int(-1));
}

#[test]
fn big_header_floats_and_boxed_integers() {
    let mut data = vec![0xb0, 0x0c];
    data.extend([0; 8]);
    data.extend(b"\x19_j\0");
    data.extend([0; 8]);
    data.extend([0x15, 0, 0, 0, 0, 0, 0, 0, 1, b'x']);
    let mut bytes = vec![0x84, 0x95, 0xa6, 0xbf, 0, 0, 0, 0];
    bytes.extend((data.len() as u64).to_be_bytes());
    bytes.extend([0; 16]);
    bytes.extend(&data);
    let (heap, root) = read(&bytes).expect("sound data");
    let (float, boxed) = (Value::Opaque(&data[1..10]), Value::Opaque(&data[10..22]));
    assert_eq!(heap.record(root), Some(&[float, boxed, Value::Str(b"x")][..]));
}

#[test]
fn a_list_that_holds_itself_is_no_list() {
    let bytes = small(&[0xa0, 0x41, 0x04, 1]);
    let (heap, root) = read(&bytes).expect("cyclic data is sound data");
    assert_eq!(heap.list(root), None);
}

#[test]
fn a_block_larger_than_the_data_is_refused() {
    // CODE_BLOCK64 with 2^40 fields, and a chain of blocks that together promise more than is there.
    let huge = small(&[0x13, 0, 0x04, 0, 0, 0, 0, 0, 0]);
    assert!(matches!(read(&huge), Err(MarshalError::Inconsistent(_))));
    let chain = small(&[0x08, 0, 0, 8, 0, 0x08, 0, 0, 8, 0, 0x40, 0x40]);
    assert!(matches!(read(&chain), Err(MarshalError::Inconsistent(_))));
}

#[test]
fn nesting_of_a_million_needs_no_stack() {
    let mut data = vec![0x90; 1_000_000];
    data.push(0x40);
    assert!(read(&small(&data)).is_ok());
}

#[test]
fn every_cut_and_every_changed_byte_gives_an_answer() {
    let bytes = small(&[0xb0, 0x22, b'a', b'b', 0xa0, 0x04, 2, 0xa0, 0x01, 1, 44, 0x40, 0x00, 0xff]);
    for cut in 0..bytes.len() {
        assert!(read(&bytes[..cut]).is_err(), "cut at {cut}");
    }
    for at in 20..bytes.len() {
        for byte in 0..=255 {
            let mut changed = bytes.clone();
            changed[at] = byte;
            if let Ok((heap, root)) = read(&changed) {
                let _ = heap.list(root);
            }
        }
    }
}
