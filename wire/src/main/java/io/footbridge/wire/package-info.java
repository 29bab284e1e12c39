/** Placeholder. */ package io.footbridge.wire;
