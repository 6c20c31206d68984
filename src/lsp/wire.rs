//! Messages over standard input and output. What is no message is said and passed over, where the crate's own reader would end.

use super::halves::without_halves;
use crossbeam_channel::{Receiver, Sender, unbounded};
use lsp_server::{Connection, ErrorCode, Message, RequestId, Response};
use std::io::{BufRead, Read, Write};
use std::thread::JoinHandle;

/// Longer messages are not read.
const MAX_BYTES: usize = 512 << 20;

/// Connects a pair of streams. The handle ends when all messages are written.
pub(super) fn connect(
    input: impl BufRead + Send + 'static,
    output: impl Write + Send + 'static,
) -> (Connection, JoinHandle<()>) {
    let (to_server, receiver) = unbounded();
    let (sender, to_client) = unbounded();
    let errors = sender.clone();
    std::thread::spawn(move || read_all(input, &to_server, &errors));
    let writer = std::thread::spawn(move || write_all(output, &to_client));
    (Connection { sender, receiver }, writer)
}

fn read_all(mut input: impl BufRead, server: &Sender<Message>, client: &Sender<Message>) {
    loop {
        match read_body(&mut input) {
            Ok(Some(body)) => match parsed(&body).or_else(|error| mended(&body).ok_or(error)) {
                Ok(message) => {
                    let is_exit = matches!(&message, Message::Notification(note) if note.method == "exit");
                    if server.send(message).is_err() || is_exit {
                        return;
                    }
                }
                Err(error) => refuse(&body, &error, client),
            },
            Ok(None) => return,
            Err(error) => eprintln!("unlith lsp: {error}"),
        }
    }
}

/// Reads a message. What has a method is no response, whatever else it lacks.
fn parsed(body: &[u8]) -> Result<Message, String> {
    let message = serde_json::from_slice::<Message>(body).map_err(|error| error.to_string())?;
    if matches!(message, Message::Response(_)) {
        let value = serde_json::from_slice::<serde_json::Value>(body).unwrap_or_default();
        if value.get("method").is_some() {
            return Err("its method is no text".to_owned());
        }
    }
    Ok(message)
}

/// Reads a message that holds halves of characters, or bytes that are no text, as if there was U+FFFD in their place.
fn mended(body: &[u8]) -> Option<Message> {
    parsed(&without_halves(body)?).ok()
}

/// Answers a request that cannot be read, as far as it says that it is one.
fn refuse(body: &[u8], error: &str, client: &Sender<Message>) {
    eprintln!("unlith lsp: a message is malformed: {error}");
    let value = serde_json::from_slice::<serde_json::Value>(body).unwrap_or_default();
    let id: Option<RequestId> = value.get("id").and_then(|id| serde_json::from_value(id.clone()).ok());
    if let Some(id) = id.filter(|_| value.get("result").is_none() && value.get("error").is_none()) {
        let message = format!("this is no request: {error}");
        let _ = client.send(Response::new_err(id, ErrorCode::InvalidRequest as i32, message).into());
    }
}

/// Reads one body; nothing at the end of the input. What comes before a header with a length is passed over.
fn read_body(input: &mut impl BufRead) -> Result<Option<Vec<u8>>, String> {
    let mut length: Option<usize> = None;
    let mut line = Vec::new();
    loop {
        line.clear();
        let n = input.by_ref().take(1 << 16).read_until(b'\n', &mut line).map_err(|_| String::new());
        if n.unwrap_or(0) == 0 {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&line);
        // A header may stand behind what is none.
        let lower = text.to_ascii_lowercase();
        if let Some(at) = lower.rfind("content-length:") {
            length = lower[at + "content-length:".len()..].trim().parse().ok();
            if length.is_none() {
                return Err("a header has no length".to_owned());
            }
        } else if text.trim().is_empty()
            && let Some(length) = length
        {
            if length > MAX_BYTES {
                return Err(format!("a message of {length} bytes is not read"));
            }
            let mut body = Vec::new();
            let n = input.by_ref().take(length as u64).read_to_end(&mut body).unwrap_or(0);
            return Ok((n == length).then_some(body));
        }
    }
}

fn write_all(mut output: impl Write, messages: &Receiver<Message>) {
    for message in messages {
        if message.write(&mut output).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_message_is_passed_over() {
        let body = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\"}";
        let framed = |body: &str| format!("Content-Length: {}\r\n\r\n{body}", body.len());
        let input = [
            "nonsense\r\n\r\n".to_owned(),
            "Content-Length: many\r\n\r\n".to_owned(),
            framed("{"),
            framed("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":3}"),
            framed("[]"),
            framed(body),
            // Half a character, which a text of the editor may hold.
            framed("{\"jsonrpc\":\"2.0\",\"method\":\"n\",\"params\":{\"text\":\"\\ud83d\"}}"),
        ];
        let (connection, writer) = connect(std::io::Cursor::new(input.concat()), std::io::sink());
        let Message::Request(request) = connection.receiver.recv().expect("one message") else { panic!() };
        assert_eq!((request.id, request.method.as_str()), (RequestId::from(1), "m"));
        let Message::Notification(note) = connection.receiver.recv().expect("another one") else { panic!() };
        assert_eq!(note.params["text"], "\u{fffd}");
        assert!(connection.receiver.recv().is_err());
        drop(connection);
        writer.join().expect("it ends");
    }
}
