//! What a run is for.

/// What a run is for; a word of its files' names and of its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The contract, held once.
    Matrix,
    /// Broken installations.
    Sabotage,
    /// Weakened configurations.
    Mutation,
    /// Changes without their violations.
    Vacuity,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Matrix, Self::Sabotage, Self::Mutation, Self::Vacuity];

    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Matrix => "matrix",
            Self::Sabotage => "sabotage",
            Self::Mutation => "mutation",
            Self::Vacuity => "vacuity",
        }
    }
}
