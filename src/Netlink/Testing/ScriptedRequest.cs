namespace Netlink.Testing;

/// <summary>A request as <see cref="ScriptedTransport"/> got it.</summary>
/// <param name="Type">nlmsg_type.</param>
/// <param name="Flags">nlmsg_flags.</param>
/// <param name="Sequence">nlmsg_seq, which answers repeat.</param>
/// <param name="Payload">What follows the header.</param>
public sealed record ScriptedRequest(ushort Type, ushort Flags, uint Sequence, byte[] Payload);
