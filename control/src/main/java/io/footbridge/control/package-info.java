/** Placeholder. */ package io.footbridge.control;
