/** Placeholder. */ package io.footbridge.tap;
