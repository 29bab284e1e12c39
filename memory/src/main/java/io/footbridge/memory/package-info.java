/** Placeholder. */ package io.footbridge.memory;
