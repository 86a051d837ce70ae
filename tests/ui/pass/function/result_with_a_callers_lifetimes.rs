//! The lifetimes of `Fn(&str)`, `fn(&str)` and `for<'a>` are their callers': nothing is borrowed by them.

use resilience::{retry, timeout};

trait Measure<'a> {
    fn measure(&self, text: &'a str) -> usize;
}

struct Length;

impl<'a> Measure<'a> for Length {
    fn measure(&self, text: &'a str) -> usize {
        text.len()
    }
}

struct Maker(u32);

impl Maker {
    #[retry]
    fn closure(&mut self) -> Result<Box<dyn Fn(&str) -> usize>, String> {
        self.0 += 1;
        Ok(Box::new(str::len))
    }

    #[retry]
    fn pointer(&mut self) -> Result<fn(&str) -> &str, String> {
        self.0 += 1;
        Ok(str::trim)
    }

    #[retry]
    fn object(&mut self) -> Result<Box<dyn for<'a> Measure<'a>>, String> {
        self.0 += 1;
        Ok(Box::new(Length))
    }
}

#[timeout("5m")]
fn detached(measure: Box<dyn Fn(&str) -> usize + Send>) -> Result<usize, String> {
    Ok(measure("abc"))
}

fn main() {
    let mut maker = Maker(0);
    assert_eq!(maker.closure().map(|length| length("abc")), Ok(3));
    assert_eq!(maker.pointer().map(|trim| trim(" abc ")), Ok("abc"));
    assert_eq!(maker.object().map(|length| length.measure("abc")), Ok(3));
    assert_eq!(detached(Box::new(str::len)), Ok(3));
}
