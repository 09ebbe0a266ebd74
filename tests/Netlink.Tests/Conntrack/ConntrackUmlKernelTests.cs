namespace Netlink.Tests.Conntrack;

/// <summary>The same on Debian's 6.1: where filters and deletions are refused differs from kernel to kernel.</summary>
[Trait("Kernel", "uml")]
public sealed class ConntrackUmlKernelTests : ConntrackKernelTests;
