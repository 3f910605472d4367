//! Small sums.

/// Returns the largest of some numbers.
pub fn largest(numbers: &[f64]) -> Option<f64> {
    numbers.iter().copied().reduce(f64::max)
}

/// Returns the mean of some numbers.
pub fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / (numbers.len() - 1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_of_two() {
        assert_eq!(mean(&[1.0, 3.0]), 2.0);
    }

    #[test]
    fn largest_of_two() {
        assert_eq!(largest(&[1.0, 3.0]), Some(3.0));
    }
}
