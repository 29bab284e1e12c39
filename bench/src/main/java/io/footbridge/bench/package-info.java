/** Placeholder. */ package io.footbridge.bench;
