/** Placeholder. */ package io.footbridge.fdb;
