namespace Netlink.Wire;

// linux/netlink.h gives the bits above 0xff another meaning for each kind of message, hence four enumerations.

/// <summary>Flags of every request (NLM_F_*, linux/netlink.h).</summary>
[Flags]
public enum RequestFlags : ushort
{
    /// <summary>No flag beyond the one that the writer sets on every request.</summary>
    None = 0,

    /// <summary>NLM_F_REQUEST: goes to the kernel.</summary>
    Request = 0x1,

    /// <summary>NLM_F_ACK: answer even a success.</summary>
    Acknowledge = 0x4,

    /// <summary>NLM_F_ECHO: send back the object as it was made.</summary>
    Echo = 0x8,
}

/// <summary>Further flags of requests that create (NLM_F_*, linux/netlink.h).</summary>
[Flags]
public enum NewFlags : ushort
{
    /// <summary>An absent object is an error.</summary>
    None = 0,

    /// <summary>NLM_F_REPLACE: an object that exists is changed.</summary>
    Replace = 0x100,

    /// <summary>NLM_F_EXCL: an object that exists is an error (EEXIST).</summary>
    Exclusive = 0x200,

    /// <summary>NLM_F_CREATE: an absent object is made.</summary>
    Create = 0x400,

    /// <summary>NLM_F_APPEND: added at the end of a list.</summary>
    Append = 0x800,
}

/// <summary>Further flags of requests that get (NLM_F_*, linux/netlink.h).</summary>
[Flags]
public enum GetFlags : ushort
{
    /// <summary>One object.</summary>
    None = 0,

    /// <summary>NLM_F_ROOT | NLM_F_MATCH, which is NLM_F_DUMP: every object that the request's filter lets through.</summary>
    Dump = 0x300,
}

/// <summary>Flags of answers (NLM_F_*, linux/netlink.h).</summary>
[Flags]
public enum AnswerFlags : ushort
{
    /// <summary>A message of its own.</summary>
    None = 0,

    /// <summary>NLM_F_MULTI: one of several messages, ended by NLMSG_DONE.</summary>
    Multipart = 0x2,

    /// <summary>NLM_F_DUMP_INTR: the list changed while it was dumped, so it may lack objects or hold them twice.</summary>
    DumpInterrupted = 0x10,

    /// <summary>NLM_F_CAPPED, on NLMSG_ERROR: only the header of the request is repeated.</summary>
    Capped = 0x100,

    /// <summary>NLM_F_ACK_TLVS, on NLMSG_ERROR: attributes with the extended acknowledgement follow.</summary>
    ExtendedAcknowledgement = 0x200,
}
