//! Numerics and nothing else: functions of numbers, without knowledge of accounts or files.

pub mod kmeans;
pub mod layout;
pub mod linalg;
pub mod neighbours;
pub mod pca;
pub mod recall;
pub mod splitmix;
pub mod svd;
