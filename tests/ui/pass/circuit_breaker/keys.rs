#![deny(warnings)]
//! A key is any expression over the arguments.

use std::sync::Mutex;

use resilience::{circuit_breaker, fallback, get_circuit_breakers, retry, timeout};

const MAX_HOSTS: usize = 50;

#[circuit_breaker(name = "by reference", key = host)]
fn by_reference(host: &str) -> Option<usize> {
    Some(host.len())
}

#[circuit_breaker(name = "by value", key = host, max_keys = 2 * MAX_HOSTS)]
fn by_value(host: String) -> Option<String> {
    Some(host)
}

#[circuit_breaker(name = "referenced", key = &host[..1], max_keys = MAX_HOSTS, idle = "1h")]
fn referenced(host: &str) -> Option<usize> {
    Some(host.len())
}

#[circuit_breaker(name = "operators", key = tenant + 1)]
fn operators(tenant: u64) -> Option<u64> {
    Some(tenant)
}

#[circuit_breaker(name = "format", key = format!("{host}:{port}"))]
fn format(host: &str, port: u16) -> Option<usize> {
    Some(host.len() + usize::from(port))
}

#[circuit_breaker(name = "pattern", key = host)]
fn pattern((host, _): (&str, u16)) -> Option<usize> {
    Some(host.len())
}

#[circuit_breaker(name = "mut reference", key = hosts[0])]
fn mut_reference(hosts: &mut Vec<u32>) -> Option<usize> {
    hosts.push(1);
    Some(hosts.len())
}

#[retry(clone(host))]
#[circuit_breaker(name = "cloned", key = host)]
fn cloned(mut host: String) -> Option<String> {
    host.push('!');
    Some(host)
}

#[fallback(value = 0)]
#[retry]
#[circuit_breaker(name = "async", key = host)]
#[timeout("1s")]
async fn asynchronous(host: String, _rest: &[u8]) -> Result<usize, resilience::Error> {
    Ok(host.len())
}

// What the key locks is free again before anything is awaited.
#[retry(clone(_host))]
#[circuit_breaker(name = "locked", key = *_host.lock().unwrap())]
async fn locked(_host: std::sync::Arc<Mutex<u32>>) -> Result<usize, resilience::Error> {
    Ok(1)
}

#[circuit_breaker(name = "generic", key = key)]
fn generic<K: std::hash::Hash + Eq + Clone + std::fmt::Display + Send + Sync + 'static>(key: K) -> Option<K> {
    Some(key)
}

struct Client {
    host: String,
}

impl Client {
    #[circuit_breaker(name = "field", key = self.host)]
    fn field(&self) -> Option<usize> {
        Some(self.host.len())
    }

    #[circuit_breaker(name = "method", key = self.host())]
    async fn method(&mut self, more: char) -> Option<usize> {
        self.host.push(more);
        Some(self.host.len())
    }

    #[circuit_breaker(name = "owned", key = self.host)]
    fn owned(self) -> Option<String> {
        Some(self.host)
    }

    fn host(&self) -> &str {
        &self.host
    }
}

fn assert_send<T: Send>(value: T) -> T {
    value
}

fn main() {
    assert!(by_reference("a").is_some());
    assert!(by_value("a".to_owned()).is_some());
    assert!(referenced("abc").is_some());
    assert!(operators(1).is_some());
    assert!(format("a", 80).is_some());
    assert!(pattern(("a", 80)).is_some());
    assert!(mut_reference(&mut vec![1]).is_some());
    assert_eq!(cloned("a".to_owned()).as_deref(), Some("a!"));
    assert!(generic(1_u8).is_some() && generic("a").is_some() && generic(String::new()).is_some());
    let mut client = Client { host: "a".to_owned() };
    assert!(client.field().is_some());
    drop(assert_send(client.method('b')));
    assert!(client.owned().is_some());
    drop(assert_send(asynchronous("a".to_owned(), &[])));
    drop(assert_send(locked(std::sync::Arc::default())));

    for (name, key) in [
        ("by reference", "a"),
        ("by value", "a"),
        ("referenced", "a"),
        ("operators", "2"),
        ("format", "a:80"),
        ("pattern", "a"),
        ("mut reference", "1"),
        ("cloned", "a"),
        ("field", "a"),
        ("owned", "a"),
    ] {
        let breakers = get_circuit_breakers(name);
        assert_eq!(breakers.len(), 1, "{name}");
        assert_eq!(breakers[0].name(), format!("{name}[{key}]"));
    }
    assert_eq!(get_circuit_breakers("generic").len(), 3);
}
