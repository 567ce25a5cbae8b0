//! Numerical methods: functions of numbers, without knowledge of accounts or files.

pub mod beta_binomial;
pub mod bootstrap;
pub mod burstiness;
pub mod calibration;
pub mod change_points;
pub mod circular;
pub mod combine;
pub mod communities;
pub mod contingency;
pub mod csr;
pub mod entropy;
pub mod isolation_forest;
pub mod kmeans;
pub mod layout;
pub mod linalg;
pub mod logistic;
pub mod minhash;
pub mod mmd;
pub mod multiple;
pub mod neighbours;
pub mod normal;
pub mod normality;
#[cfg(test)]
pub(crate) mod oracle;
pub mod pca;
pub mod poisson;
pub mod proportion;
pub mod quantile;
pub mod ranking;
pub mod rarefaction;
pub mod recall;
pub mod splitmix;
pub mod svd;
pub mod uniformity;
pub mod union_find;
pub mod variance_ratio;
