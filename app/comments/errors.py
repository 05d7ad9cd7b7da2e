"""What can go wrong with a comment."""

from app.core.errors import Conflict, Invalid, NotFound, TooMany


class CommentNotFound(NotFound):
    """There is no such comment here."""

    code = "comment_not_found"
    zh = "没有这条留言。"


class CommentWrongState(Conflict):
    """The comment is {state}; this step does not follow from there."""

    code = "comment_wrong_state"
    zh = "这条留言当前是“{state}”，不能进行这一步。"


class CommentIdTaken(Conflict):
    """This id was used before, for other words."""

    code = "comment_id_taken"
    zh = "这个编号已经用过，内容不同。"


class CommentsClosed(Conflict):
    """Comments can be read here, and no longer written."""

    code = "comments_closed"
    zh = "这里的留言只能看，不能再写了。"


class ReplyToReply(Invalid):
    """Please answer the comment at the top; answers have no answers of their own."""

    code = "reply_to_reply"
    zh = "请回复最上面那条留言，回复下面不能再回复。"


class CommentsTooOften(TooMany):
    """That was a lot at once. You can write again in about {minutes} minutes."""

    code = "comments_too_often"
    zh = "您写得有点快，歇一歇，大约 {minutes} 分钟后可以再写。"


class OwnComment(Conflict):
    """This comment is yours; you can delete it."""

    code = "own_comment"
    zh = "这是您自己的留言，可以直接删除。"
