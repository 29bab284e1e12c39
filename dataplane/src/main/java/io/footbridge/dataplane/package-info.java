/** Placeholder. */ package io.footbridge.dataplane;
