//! Numerics and nothing else: functions of numbers, without knowledge of accounts or files.
