//! Each of two versions of the runtime reports the other one.

fn main() {
    let problems = [this::verify().unwrap_err().to_string(), other::verify().unwrap_err().to_string()];
    for problem in &problems {
        assert!(problem.contains(env!("THIS")) && problem.contains(env!("OTHER")), "{problem}");
    }
    println!("{}", problems[0]);
}
