package io.footbridge.dataplane;
final class WarmUp { private WarmUp() {} static void run() {} }
