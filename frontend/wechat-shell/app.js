App({
  /** Kept while the mini program runs: the ticket with which this WeChat user can be bound. */
  globalData: { binding: null },
});
