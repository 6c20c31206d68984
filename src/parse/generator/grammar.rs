//! What a `.mly` says, for ocamlyacc and menhir alike: tokens, entries, and the code that people wrote.

use super::tokens::{Token, Tokens};
use crate::base::Span;
use crate::parse::lexical::Lexical;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A grammar.
#[derive(Debug, Default)]
pub(super) struct Grammar {
    pub(super) tokens: Vec<Terminal>,
    /// The symbols that parsing may start from.
    pub(super) starts: Vec<Symbol>,
    /// `%type`: the types of values by symbol.
    types: BTreeMap<String, Rc<str>>,
    /// `%parameter`: what is between the angles.
    pub(super) parameters: Vec<String>,
    pub(super) headers: Vec<Span>,
    pub(super) actions: Vec<Action>,
    pub(super) trailer: Option<Span>,
    /// Symbols on the right of rules.
    pub(super) n_symbols: usize,
    /// Whether something in it is written as menhir reads it, and ocamlyacc does not.
    pub(super) is_menhir: bool,
    /// Rules that are defined, and those that are given arguments.
    defined: BTreeSet<String>,
    applied: BTreeSet<String>,
}

/// A token of the grammar.
#[derive(Debug)]
pub(super) struct Terminal {
    pub(super) name: String,
    /// The type of its value.
    pub(super) value: Option<Rc<str>>,
}

/// A symbol that a declaration names.
#[derive(Debug)]
pub(super) struct Symbol {
    pub(super) name: String,
    /// The type of its value.
    value: Option<Rc<str>>,
}

/// A semantic action.
#[derive(Debug)]
pub(super) struct Action {
    /// Where its code stands.
    pub(super) at: u32,
    /// The code, as long as it stands there; `_1` for `$1`, `_startpos` for `$startpos`.
    pub(super) code: Vec<u8>,
    /// The names that the generator binds for it, as far as it uses them.
    pub(super) bound: BTreeSet<String>,
    /// Whether it is `< .. >`: a function of what the rule binds.
    pub(super) is_function: bool,
}

impl Grammar {
    pub(super) fn read(source: &[u8]) -> Grammar {
        let mut grammar = Grammar::default();
        let mut tokens = Tokens::new(source, true);
        grammar.declarations(&mut tokens);
        grammar.rules(&mut tokens);
        let end = source.len();
        if tokens.at() < end {
            grammar.trailer = Some(Span::new(tokens.at(), end));
        }
        grammar
    }

    /// The type of a start symbol's value.
    pub(super) fn type_of<'g>(&'g self, start: &'g Symbol) -> &'g str {
        start.value.as_deref().or_else(|| self.types.get(&start.name).map(|value| &**value)).unwrap_or("_")
    }

    /// Whether a rule of menhir's own library is used.
    pub(super) fn uses(&self, rule: &str) -> bool {
        self.applied.contains(rule) && !self.defined.contains(rule)
    }

    /// Reads up to the first `%%`.
    fn declarations(&mut self, tokens: &mut Tokens<'_>) {
        let mut word: &[u8] = b"";
        let mut value: Option<Rc<str>> = None;
        while let Some((token, span)) = tokens.next() {
            match token {
                Token::Percents => return,
                Token::Header => self.headers.push(span),
                Token::Directive => {
                    word = tokens.text(span);
                    value = None;
                    let of_both = [&b"%token"[..], b"%start", b"%type", b"%left", b"%right", b"%nonassoc"];
                    self.is_menhir |= !of_both.contains(&word);
                    if word == b"%parameter"
                        && let Some((Token::Symbol(b'<'), _)) = tokens.peek()
                    {
                        tokens.next();
                        let parameter = tokens.angle();
                        self.parameters.push(tokens.word(parameter));
                    }
                }
                Token::Symbol(b'<') => {
                    let span = tokens.angle();
                    value = Some(tokens.word(span).into());
                    self.is_menhir |= word == b"%start";
                }
                Token::Word => {
                    let (name, value) = (tokens.word(span), value.clone());
                    match word {
                        b"%token" => self.tokens.push(Terminal { name, value }),
                        b"%start" => self.starts.push(Symbol { name, value }),
                        b"%type" => drop(value.map(|value| self.types.insert(name, value))),
                        _ => {}
                    }
                }
                _ => {}
            }
        }
    }

    /// Reads up to the second `%%`, in menhir's old syntax or its new one, or that of ocamlyacc.
    fn rules(&mut self, tokens: &mut Tokens<'_>) {
        // What the production at hand binds, which may be inside another one, whose names it does not see:
        // `y = list(x = a { x })`.
        let mut bound = vec![BTreeSet::new()];
        // The words of the parentheses that were closed last: `(a, b) = pair`.
        let mut inside: Vec<String> = Vec::new();
        let (mut is_behind_parenthesis, mut is_punned) = (false, false);
        let mut last = String::new();
        // The last name outside parentheses: that of a rule, where a colon follows.
        let mut head = String::new();
        while let Some((token, span)) = tokens.next() {
            let was_behind_parenthesis = std::mem::take(&mut is_behind_parenthesis);
            match token {
                Token::Percents => return,
                Token::Code => {
                    let names = bound.last_mut().map(std::mem::take).unwrap_or_default();
                    self.actions.push(Action::new(span.start, tokens.text(span), names, false));
                }
                Token::Symbol(b'<') => {
                    let span = tokens.angle();
                    if !span.is_empty() {
                        let names = bound.last_mut().map(std::mem::take).unwrap_or_default();
                        self.actions.push(Action::new(span.start, tokens.text(span), names, true));
                    }
                }
                Token::Word => {
                    last = tokens.word(span);
                    self.n_symbols += 1;
                    inside.push(last.clone());
                    if std::mem::take(&mut is_punned)
                        && let Some(names) = bound.last_mut()
                    {
                        names.insert(last.clone());
                    }
                    if bound.len() == 1 {
                        head.clone_from(&last);
                    }
                }
                Token::Directive if tokens.text(span) == b"%prec" => drop(tokens.next()),
                Token::Directive => self.is_menhir = true,
                Token::Symbol(b'(') => {
                    self.is_menhir = true;
                    self.applied.insert(last.clone());
                    bound.push(BTreeSet::new());
                    inside.clear();
                }
                Token::Symbol(b')') => {
                    if bound.len() > 1 {
                        bound.pop();
                    }
                    is_behind_parenthesis = true;
                }
                Token::Symbol(b'~') => {
                    if let Some((Token::Symbol(b'='), _)) = tokens.peek() {
                        tokens.next();
                        is_punned = true;
                    }
                }
                Token::Symbol(b'=') => {
                    self.is_menhir = true;
                    let names = match was_behind_parenthesis {
                        true => std::mem::take(&mut inside),
                        false => vec![last.clone()],
                    };
                    self.n_symbols = self.n_symbols.saturating_sub(names.len());
                    let is_name =
                        |name: &String| name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
                    if let Some(around) = bound.last_mut() {
                        around.extend(names.into_iter().filter(is_name));
                    }
                }
                Token::Defines | Token::Symbol(b':') => {
                    self.is_menhir |= token == Token::Defines;
                    self.defined.insert(std::mem::take(&mut head));
                    self.n_symbols = self.n_symbols.saturating_sub(1);
                    bound = vec![BTreeSet::new()];
                }
                Token::Symbol(b'|') => {
                    if let Some(names) = bound.last_mut() {
                        names.clear();
                    }
                }
                _ => {}
            }
        }
    }
}

impl Action {
    fn new(at: u32, code: &[u8], mut bound: BTreeSet<String>, is_function: bool) -> Action {
        let Code { plain, keywords, words } = Code::read(code);
        if !is_function {
            bound.retain(|name| words.contains(name.as_bytes()));
        }
        bound.extend(keywords);
        Action { at, code: plain, bound, is_function }
    }
}

/// The code of an action.
struct Code<'c> {
    /// With `_` for the `$` of what the generator puts in: `$1`, `$startpos`.
    plain: Vec<u8>,
    /// Those names.
    keywords: BTreeSet<String>,
    /// All other words.
    words: BTreeSet<&'c [u8]>,
}

impl Code<'_> {
    fn read(code: &[u8]) -> Code<'_> {
        let (mut plain, mut keywords, mut words) = (code.to_vec(), BTreeSet::new(), BTreeSet::new());
        let mut here = Lexical::new(code);
        while let Some(byte) = here.peek() {
            let start = here.at;
            here.at += 1;
            match byte {
                b'(' if here.peek() == Some(b'*') => here.comment(),
                b'"' => here.string(),
                b'\'' => _ = here.character(),
                b'{' => _ = here.quoted(),
                b'$' if here.peek().is_some_and(|byte| byte.is_ascii_alphanumeric()) => {
                    here.word_end();
                    plain[start] = b'_';
                    keywords.insert(String::from_utf8_lossy(&plain[start..here.at]).into_owned());
                }
                b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => {
                    here.word_end();
                    words.insert(&code[start..here.at]);
                }
                _ => {}
            }
        }
        Code { plain, keywords, words }
    }
}
