//! Rust source as tokens: without comments, literals and code that is only built for tests.

/// One token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub kind: Kind,
    /// Counted from 1.
    pub line: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A word: a name or a keyword.
    Word(String),
    /// `::`.
    Colons,
    /// Any other mark.
    Mark(char),
}

impl Token {
    /// The word; empty for a mark.
    pub fn word(&self) -> &str {
        match &self.kind {
            Kind::Word(word) => word,
            _ => "",
        }
    }

    pub fn is(&self, mark: char) -> bool {
        self.kind == Kind::Mark(mark)
    }

    pub fn is_colons(&self) -> bool {
        self.kind == Kind::Colons
    }
}

/// The tokens of a text: no comments, no strings, characters, lifetimes or numbers.
pub fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let (mut tokens, mut line, mut i) = (Vec::new(), 1, 0);
    while i < chars.len() {
        let start = i;
        let c = chars[i];
        if c == '/' && at(i + 1) == '/' {
            i += chars[i..].iter().take_while(|c| **c != '\n').count();
        } else if c == '/' && at(i + 1) == '*' {
            i = end_of_comment(&chars, i);
        } else if let Some(end) = end_of_raw_string(&chars, i) {
            i = end;
        } else if c == '"' {
            i = end_of_quoted(&chars, i, '"');
        } else if c == '\'' {
            let is_literal = at(i + 1) == '\\' || at(i + 2) == '\'';
            i = if is_literal { end_of_quoted(&chars, i, '\'') } else { end_of_word(&chars, i + 1) };
        } else if c.is_alphabetic() || c == '_' {
            i = end_of_word(&chars, i);
            tokens.push(Token { kind: Kind::Word(chars[start..i].iter().collect()), line });
        } else if c.is_numeric() {
            i = end_of_word(&chars, i);
        } else if c == ':' && at(i + 1) == ':' {
            i += 2;
            tokens.push(Token { kind: Kind::Colons, line });
        } else {
            i += 1;
            if !c.is_whitespace() {
                tokens.push(Token { kind: Kind::Mark(c), line });
            }
        }
        line += chars[start..i.min(chars.len())].iter().filter(|c| **c == '\n').count();
    }
    tokens
}

fn end_of_word(chars: &[char], start: usize) -> usize {
    start + chars[start..].iter().take_while(|c| c.is_alphanumeric() || **c == '_').count()
}

fn end_of_comment(chars: &[char], start: usize) -> usize {
    let (mut depth, mut i) = (0, start);
    while i < chars.len() {
        match (chars[i], chars.get(i + 1)) {
            ('/', Some('*')) => {
                depth += 1;
                i += 2;
            }
            ('*', Some('/')) => {
                depth -= 1;
                i += 2;
                if depth == 0 {
                    return i;
                }
            }
            _ => i += 1,
        }
    }
    i
}

/// The end of `r"…"`, `r#"…"#`, `br"…"` and the like, where one begins here and no word runs on.
fn end_of_raw_string(chars: &[char], start: usize) -> Option<usize> {
    let mut i = start + usize::from(matches!(chars[start], 'b' | 'c'));
    if chars.get(i) != Some(&'r') {
        return None;
    }
    i += 1;
    let hashes = chars[i..].iter().take_while(|c| **c == '#').count();
    i += hashes;
    if chars.get(i) != Some(&'"') {
        return None;
    }
    let closing: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let inside = &chars[i + 1..];
    let length = inside.windows(closing.len()).position(|window| window == closing).unwrap_or(inside.len());
    Some((i + 1 + length + closing.len()).min(chars.len()))
}

fn end_of_quoted(chars: &[char], start: usize, quote: char) -> usize {
    let mut i = start + 1;
    while i < chars.len() && chars[i] != quote {
        i += if chars[i] == '\\' { 2 } else { 1 };
    }
    (i + 1).min(chars.len())
}

/// Tokens of the program itself: those without items under `#[cfg(test)]`, and the names of
/// the files that are only declared for tests.
pub fn without_tests(tokens: Vec<Token>) -> (Vec<Token>, Vec<String>) {
    let (mut kept, mut test_files, mut i) = (Vec::new(), Vec::new(), 0);
    while i < tokens.len() {
        let Some(mut after) = end_of_cfg_test(&tokens[i..]).map(|length| i + length) else {
            kept.push(tokens[i].clone());
            i += 1;
            continue;
        };
        // More attributes, then the item: to its first `;` or through its first braces.
        let item = after;
        let mut depth = 0;
        while after < tokens.len() {
            let token = &tokens[after];
            after += 1;
            match token.kind {
                Kind::Mark('{' | '(' | '[') => depth += 1,
                Kind::Mark('}') if depth == 1 => break,
                Kind::Mark('}' | ')' | ']') => depth -= 1,
                Kind::Mark(';' | ',') if depth == 0 => break,
                _ => {}
            }
        }
        let words: Vec<&str> = tokens[item..after].iter().map(Token::word).collect();
        if let Some(at) = words.iter().position(|word| *word == "mod")
            && tokens[after - 1].is(';')
        {
            test_files.push(words[at + 1].to_owned());
        }
        i = after;
    }
    (kept, test_files)
}

fn end_of_cfg_test(tokens: &[Token]) -> Option<usize> {
    let [hash, open, cfg, paren, test, close, end, ..] = tokens else { return None };
    let is = hash.is('#')
        && open.is('[')
        && cfg.word() == "cfg"
        && paren.is('(')
        && test.word() == "test"
        && close.is(')')
        && end.is(']');
    is.then_some(7)
}

/// The paths of a `use` declaration, from just after `use` to its `;`: each with the name it gets
/// (`*` for all names, `_` for none).
pub fn use_paths(tokens: &[Token]) -> Vec<(Vec<String>, String)> {
    let mut paths = Vec::new();
    tree(tokens, &mut 0, &[], &mut paths);
    paths
}

fn tree(tokens: &[Token], at: &mut usize, before: &[String], paths: &mut Vec<(Vec<String>, String)>) {
    let mut path = before.to_vec();
    while let Some(token) = tokens.get(*at) {
        *at += 1;
        match &token.kind {
            Kind::Word(word) if word == "as" => {
                let name = tokens.get(*at).map_or("", Token::word).to_owned();
                *at += 1;
                paths.push((path, name));
                return;
            }
            Kind::Word(word) => path.push(word.clone()),
            Kind::Colons => {}
            Kind::Mark('*') => {
                paths.push((path, "*".to_owned()));
                return;
            }
            Kind::Mark('{') => {
                while let Some(token) = tokens.get(*at) {
                    if token.is('}') {
                        *at += 1;
                        return;
                    }
                    if token.is(',') {
                        *at += 1;
                    } else {
                        tree(tokens, at, &path, paths);
                    }
                }
                return;
            }
            Kind::Mark(_) => {
                *at -= 1;
                break;
            }
        }
    }
    if path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    if let Some(name) = path.last().cloned() {
        paths.push((path, name));
    }
}
