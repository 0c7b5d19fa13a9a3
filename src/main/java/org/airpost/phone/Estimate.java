package org.airpost.phone;

import java.util.Optional;

/** What GetItemEstimate answered for one collection. */
public record Estimate(int status, Optional<Integer> items) {}
